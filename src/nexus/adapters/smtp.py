"""Mails by SMTP: rendered here, in HTML and in plain text, in the reader's language."""

import smtplib
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import babel.dates
import babel.numbers
from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from nexus.application.ports.gateways import Letter, MailUnavailable
from nexus.application.ports.system import Clock
from nexus.domain.addresses import Address as PostalAddress
from nexus.domain.shared import Money

TEMPLATES = Path(__file__).parent / "templates" / "mail"
ZONE = ZoneInfo("Africa/Addis_Ababa")
DEFAULT_LOCALE = "en"
TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class SmtpServer:
    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False

    @contextmanager
    def session(self) -> Iterator[smtplib.SMTP]:
        """Connect and sign in; `tls` means STARTTLS, or TLS from the start on port 465."""
        kind = smtplib.SMTP_SSL if self.tls and self.port == smtplib.SMTP_SSL_PORT else smtplib.SMTP
        with kind(self.host, self.port, timeout=TIMEOUT_SECONDS) as smtp:
            if self.tls and kind is smtplib.SMTP:
                smtp.starttls()
            if self.user:
                smtp.login(self.user, self.password)
            yield smtp


class SmtpMailer:
    def __init__(
        self, server: SmtpServer, *, sender: str, shop: str, home: str, now: Clock
    ) -> None:
        self._server = server
        self._sender = parseaddr(sender)
        self._shop = {"name": shop, "home": home}
        self._now = now
        self._templates = _templates()
        self._words = {it.stem: tomllib.loads(it.read_text()) for it in TEMPLATES.glob("*.toml")}

    def send(self, letter: Letter) -> None:
        message = self.message(letter)
        try:
            with self._server.session() as smtp:
                smtp.send_message(message, to_addrs=[letter.to])
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnavailable from error

    def message(self, letter: Letter) -> EmailMessage:
        """Return the whole mail; the same letter always has the same Message-ID."""
        locale = letter.locale if letter.locale in self._words else DEFAULT_LOCALE
        words = self._worded(letter, locale)
        facts = {**letter.facts, "w": words, "locale": locale, "shop": self._shop}
        message = EmailMessage()
        message.set_content(self._render(f"{letter.kind}.txt", facts), cte="quoted-printable")
        html = self._render(f"{letter.kind}.html", facts)
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        for name, value in self._headers(letter, words["subject"], locale).items():
            message[name] = value
        return message

    def _headers(self, letter: Letter, subject: str, locale: str) -> dict[str, str | Address]:
        """None of them can be broken in two: addresses are parsed, and a line end is refused."""
        name, address = self._sender
        return {
            "Subject": " ".join(subject.split()),
            "From": Address(name, addr_spec=address),
            "To": Address(addr_spec=letter.to),
            "Date": format_datetime(self._now()),
            "Message-ID": f"<{letter.id}@{address.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": locale,
            "X-Nexus-Mail": letter.kind,
        }

    def _worded(self, letter: Letter, locale: str) -> dict[str, str]:
        """Put the letter's facts into the sentences of its kind, and the words that all share."""
        order = letter.facts.get("order")
        number = order.order_number if order else ""
        told = {"name": letter.facts.get("name", ""), "number": number, "shop": self._shop["name"]}
        said = self._words[locale]
        greeting = "greeting" if told["name"] else "greeting_nobody"
        words = said["all"] | {"greeting": said["all"][greeting]} | said[letter.kind]
        return {key: sentence.format(**told) for key, sentence in words.items()}

    def _render(self, name: str, facts: Mapping[str, Any]) -> str:
        return self._templates.get_template(name).render(facts)


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("nexus.adapters", "templates/mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(money=_money, moment=_moment, address_lines=_address_lines)
    return environment


@pass_context
def _money(context: Context, amount: Money) -> str:
    return babel.numbers.format_currency(
        amount.text, amount.currency, "¤\N{NO-BREAK SPACE}#,##0.00", locale=context["locale"]
    )


@pass_context
def _moment(context: Context, at: datetime) -> str:
    return babel.dates.format_datetime(at, "d MMMM y, HH:mm", tzinfo=ZONE, locale=context["locale"])


@pass_context
def _address_lines(context: Context, to: PostalAddress) -> list[str]:
    """An address as it stands on a parcel; what a kebele is need not be guessed from a number."""
    numbered = [(name, getattr(to, name)) for name in ("house_no", "kebele", "woreda")]
    parts = [f"{context['w'][name]} {value}" for name, value in numbered if value]
    lines = [
        [f"{to.first_name} {to.last_name}".strip()],
        [to.line1, to.line2],
        [*parts, to.sub_city],
        [to.city, to.region, to.postal_code, _country(to.country, context["locale"])],
        [to.phone],
    ]
    return [", ".join(filter(None, line)) for line in lines if any(line)]


def _country(code: str, locale: str) -> str:
    return str(Locale(locale).territories.get(code, code))
