"""Mails by SMTP, in HTML and in plain text."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from nexus.adapters.letters import Scribe
from nexus.application.ports.gateways import Letter, MailUnavailable
from nexus.application.ports.system import Clock

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
        with self._connect() as smtp:
            if self.tls and not isinstance(smtp, smtplib.SMTP_SSL):
                smtp.starttls(context=ssl.create_default_context())
            if self.user:
                smtp.login(self.user, self.password)
            yield smtp

    def _connect(self) -> smtplib.SMTP:
        if self.tls and self.port == smtplib.SMTP_SSL_PORT:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)


class SmtpMailer:
    def __init__(self, server: SmtpServer, scribe: Scribe, *, sender: str, now: Clock) -> None:
        self._server = server
        self._scribe = scribe
        self._sender = parseaddr(sender)
        self._now = now

    def send(self, letter: Letter) -> None:
        message = self.message(letter)
        try:
            with self._server.session() as smtp:
                smtp.send_message(message, to_addrs=[letter.to])
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnavailable from error

    def message(self, letter: Letter) -> EmailMessage:
        """Return the whole mail; the same letter always has the same Message-ID."""
        written = self._scribe.write(letter)
        message = EmailMessage()
        message.set_content(written.text, cte="quoted-printable")
        message.add_alternative(written.html, subtype="html", cte="quoted-printable")
        headers = (
            self._headers(letter)
            | _one_click(letter)
            | {
                "Subject": written.subject,
                "Content-Language": written.locale,
            }
        )
        for name, value in headers.items():
            message[name] = value
        return message

    def _headers(self, letter: Letter) -> dict[str, str | Address]:
        """None of them can be broken in two: addresses are parsed, and a line end is refused."""
        name, address = self._sender
        return {
            "From": Address(name, addr_spec=address),
            "To": Address(addr_spec=letter.to),
            "Date": format_datetime(self._now()),
            "Message-ID": f"<{letter.id}@{address.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
            "X-Nexus-Mail": letter.kind,
        }


def _one_click(letter: Letter) -> dict[str, str]:
    """Let mail programs show a button that ends such mails (RFC 8058)."""
    if "one_click" not in letter.facts:
        return {}
    ways = {"List-Unsubscribe": f"<{letter.facts['one_click']}>"}
    return ways | {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
