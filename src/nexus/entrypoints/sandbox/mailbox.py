"""A mailbox that takes every mail, from anybody to anybody, and shows it."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from itertools import count
from threading import Lock

from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from nexus.entrypoints.sandbox.transactions import utc_now

HREF = re.compile(r"""href\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
# Scripts and forms of a mail are dead here; its links open beside the mailbox.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';"
    " img-src * data:; style-src 'unsafe-inline'"
)


@dataclass(frozen=True, kw_only=True)
class Mail:
    id: int
    to: str
    sender: str
    kind: str | None
    subject: str
    text: str
    html: str
    received_at: datetime = field(default_factory=utc_now)

    @property
    def links(self) -> list[str]:
        """Return each address once, those of the HTML first."""
        in_html = (unescape(link) for link in HREF.findall(self.html))
        found = [*in_html, *ADDRESS.findall(self.text)]
        return list(dict.fromkeys(link for link in found if link.startswith("http")))

    def is_for(self, address: str) -> bool:
        return address.lower() in self.to.lower().split(", ")


def content_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    try:
        return str(part.get_content()).replace("\r\n", "\n") if part else ""
    except (LookupError, KeyError):
        # A character set that nobody knows is no reason to lose the mail.
        payload = part.get_payload(decode=True) if part else b""
        return payload.decode("latin-1") if isinstance(payload, bytes) else ""


class Mailbox:
    """Keeps the latest mails. aiosmtpd calls `handle_DATA` for each one that arrives."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ids = count(1)
        self._mails: deque[Mail] = deque(maxlen=5000)

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 (as aiosmtpd calls it)
        raw = envelope.content
        self.put(raw if isinstance(raw, bytes) else (raw or "").encode(), envelope.rcpt_tos)
        return "250 Message accepted for delivery"

    def put(self, raw: bytes, recipients: list[str]) -> None:
        message = message_from_bytes(raw, policy=policy.default)
        mail = Mail(
            id=next(self._ids),
            to=", ".join(recipients),
            sender=str(message["From"] or ""),
            kind=message["X-Nexus-Mail"] and str(message["X-Nexus-Mail"]),
            subject=str(message["Subject"] or ""),
            text=content_of(message, "plain"),
            html=content_of(message, "html"),
        )
        with self._lock:
            self._mails.appendleft(mail)

    def find(self, *, to: str = "", subject: str = "") -> list[Mail]:
        """Return those to that address and with these words in the subject, newest first."""
        with self._lock:
            mails = list(self._mails)
        return [
            mail
            for mail in mails
            if (not to or mail.is_for(to)) and subject.lower() in mail.subject.lower()
        ]

    def by_id(self, mail_id: int) -> Mail | None:
        return next((mail for mail in self.find() if mail.id == mail_id), None)

    def clear(self) -> None:
        with self._lock:
            self._mails.clear()


def as_json(mail: Mail) -> dict[str, object]:
    fields = asdict(mail)
    sender = fields.pop("sender")
    received_at = mail.received_at.isoformat()
    return fields | {"from": sender, "links": mail.links, "received_at": received_at}


def mailbox_pages(mailbox: Mailbox) -> Blueprint:
    pages = Blueprint("mailbox", __name__, url_prefix="/mailbox")

    @pages.get("", strict_slashes=False)
    def everything() -> ResponseReturnValue:
        return render_template("mailbox.html", mails=mailbox.find(), opened=None)

    @pages.get("/<int:mail_id>")
    def one(mail_id: int) -> ResponseReturnValue:
        mail = mailbox.by_id(mail_id) or abort(404)
        return render_template("mailbox.html", mails=mailbox.find(), opened=mail)

    @pages.get("/<int:mail_id>/html")
    def html(mail_id: int) -> ResponseReturnValue:
        mail = mailbox.by_id(mail_id) or abort(404)
        page = Response(f'{mail.html}<base target="_blank">', mimetype="text/html")
        page.headers["Content-Security-Policy"] = MAIL_POLICY
        return page

    @pages.get("/messages")
    def messages() -> ResponseReturnValue:
        wanted = {name: request.args.get(name, "") for name in ("to", "subject")}
        return jsonify([as_json(mail) for mail in mailbox.find(**wanted)])

    @pages.delete("/messages")
    def clear() -> ResponseReturnValue:
        mailbox.clear()
        return "", 204

    return pages
