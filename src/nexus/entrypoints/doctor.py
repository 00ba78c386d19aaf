"""`nexus doctor`: what is configured, what answers, and how to mend what does not."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nexus.bootstrap import open_container
from nexus.entrypoints.local.shop import environment
from nexus.settings import Settings

MENDS = {
    "database": "Set DATABASE_URL to a PostgreSQL 16 or newer that answers; `nexus run` has one.",
    "migrations": "Run `nexus migrate`, once the database answers.",
    "redis": "Set REDIS_URL to a Redis 7 or Valkey 8 that answers. Until then no mails are sent.",
    "smtp": "Set SMTP_HOST and SMTP_PORT (and SMTP_USER, SMTP_PASSWORD, SMTP_TLS as needed).",
    "gateway": "Set CHAPA_BASE_URL, and let this machine reach it. Until then nobody can pay.",
    "media": "Set MEDIA_ROOT to a directory that this user may write to, or S3_BUCKET to yours.",
}
# Without these there is no shop; without the others it is one that has to wait.
REQUIRED = ("database", "migrations", "media")
TITLES = {"smtp": "SMTP"}


@dataclass(frozen=True)
class Finding:
    subject: str
    well: bool
    told: str
    mend: str = ""
    is_required: bool = False


def doctor() -> None:
    """Print what was found; exit 1 if something fails that is required."""
    with open_container(environment(os.environ)) as container:
        findings = [
            *configured(container.settings()),
            *(examined(name, check) for name, check in container.checks().items()),
        ]
    Console().print(report(findings))
    if any(it.is_required and not it.well for it in findings):
        raise SystemExit(1)


def configured(settings: Settings) -> list[Finding]:
    """Say of each group whether it is set, and of secrets nothing more."""
    groups = {
        "Chapa": (settings.chapa_secret_key, settings.chapa_webhook_secret),
        "Mail": (settings.smtp_host, settings.mail_from),
        "Administrator": (settings.nexus_admin_email, settings.nexus_admin_password),
        "Other origins": settings.cors_origins or ("",),
    }
    mends = {
        "Chapa": "Set CHAPA_SECRET_KEY and CHAPA_WEBHOOK_SECRET to take payments.",
        "Mail": "Set SMTP_HOST and MAIL_FROM to send mails.",
        "Administrator": "Set NEXUS_ADMIN_EMAIL and NEXUS_ADMIN_PASSWORD, or run create-admin.",
        "Other origins": "Set CORS_ORIGINS if browsers call from another site.",
    }
    yes, no = "configured", "not configured"
    found = [
        Finding(it, all(values), yes if all(values) else no, mends[it])
        for it, values in groups.items()
    ]
    return [Finding("Environment", True, f"{settings.nexus_env}, {settings.public_url}"), *found]


def examined(name: str, check: Callable[[], str]) -> Finding:
    subject, is_required = TITLES.get(name, name.capitalize()), name in REQUIRED
    try:
        return Finding(subject, True, check(), is_required=is_required)
    except Exception as error:
        # SQLAlchemy wraps what the driver said in words of its own.
        cause = getattr(error, "orig", error)
        words = str(cause).partition("\n")[0]
        told = f"{type(cause).__name__}: {words}"
        return Finding(subject, False, told, MENDS[name], is_required)


def report(findings: list[Finding]) -> Table:
    table = Table("", "", "Found", "Mend", title="Nexus")
    for it in findings:
        sign = "[green]✓[/]" if it.well else "[red]✗[/]" if it.is_required else "[yellow]![/]"
        table.add_row(sign, it.subject, escape(it.told), "" if it.well else escape(it.mend))
    return table
