"""What the environment decides about the sandbox, and what it may never decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

TEST_KEY_PREFIX = "CHASECK_TEST-"


@dataclass(eq=False)
class UnsafeSandbox(Exception):
    """The sandbox refuses to be mistaken for the real world."""

    reason: str

    def __str__(self) -> str:
        return self.reason


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class SandboxConfig:
    """A port of 0 means any free one. Times are in seconds unless named otherwise."""

    host: str = "127.0.0.1"
    port: int = 8001
    smtp_port: int = 8025
    chapa_secret_key: str = "CHASECK_TEST-local"  # noqa: S105 (a secret of nothing)
    chapa_webhook_secret: str = "chapa-webhook-local"  # noqa: S105 (a secret of nothing)
    webhook_url: str = "http://127.0.0.1:8000/api/v1/payments/webhooks/chapa"
    webhook_tries: int = 5
    webhook_retry_after: float = 2
    webhook_late_by: float = 5
    timeout: float = 20
    checkout_minutes: int = 60
    # Accounts of Chapa differ here, and the shop has to bear with either.
    unpaid_is_not_found: bool = True
    unknown_status: int = 404
    amounts_as_text: bool = False

    def __post_init__(self) -> None:
        if not is_loopback(self.host):
            raise UnsafeSandbox(f"the sandbox listens on loopback only, not on {self.host}")
        if not self.chapa_secret_key.startswith(TEST_KEY_PREFIX):
            raise UnsafeSandbox(f"the sandbox takes only keys that begin with {TEST_KEY_PREFIX}")

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> SandboxConfig:
        if environ.get("NEXUS_ENV") == "production":
            raise UnsafeSandbox("the sandbox does not start with NEXUS_ENV=production")
        web = f"http://127.0.0.1:{environ.get('NEXUS_PORT', '8000')}"
        return cls(
            host=environ.get("SANDBOX_HOST", cls.host),
            port=port_in(environ, "SANDBOX_PORT", cls.port),
            smtp_port=port_in(environ, "SANDBOX_SMTP_PORT", cls.smtp_port),
            chapa_secret_key=environ.get("CHAPA_SECRET_KEY", cls.chapa_secret_key),
            chapa_webhook_secret=environ.get("CHAPA_WEBHOOK_SECRET", cls.chapa_webhook_secret),
            webhook_url=environ.get("SANDBOX_WEBHOOK_URL", f"{web}/api/v1/payments/webhooks/chapa"),
        )


def port_in(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not (text.isdecimal() and int(text) < 65_536):
        raise UnsafeSandbox(f"{name} is not a port: {text}")
    return int(text)
