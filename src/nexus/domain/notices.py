"""What providers tell us by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from nexus.domain.shared import Aggregate, Event, Money, NotFound, new_id

AMOUNT_DIFFERS = "amount_differs"
UNKNOWN_REFERENCE = "unknown_reference"


@dataclass(eq=False)
class NoticeNotFound(NotFound):
    notice_id: UUID


@dataclass(frozen=True)
class WebhookReceived(Event):
    name: ClassVar[str] = "internal.webhook_received"
    inbox_id: UUID


@dataclass(frozen=True)
class WebhookContradicted(Event):
    """A signed message says something else than the provider does when asked."""

    name: ClassVar[str] = "internal.webhook_contradicted"
    inbox_id: UUID
    payment_id: UUID


@dataclass
class Notice(Aggregate):
    """A signed message of a provider: kept once, and acted upon once."""

    id: UUID
    provider: str
    key: str
    kind: str
    reference: str | None
    amount: Money | None
    received_at: datetime
    handled_at: datetime | None = None
    finding: str | None = None

    @classmethod
    def receive(
        cls,
        provider: str,
        key: str,
        *,
        kind: str,
        reference: str | None,
        amount: Money | None,
        at: datetime,
    ) -> Notice:
        notice = cls(new_id(), provider, key, kind, reference, amount, at)
        notice.events.append(WebhookReceived(notice.id))
        return notice

    def handled(self, finding: str, *, at: datetime) -> None:
        self.handled_at, self.finding = at, finding

    def contradicted(self, payment_id: UUID, *, at: datetime) -> None:
        """Close it as one that names another amount than was asked for."""
        self.handled(AMOUNT_DIFFERS, at=at)
        self.events.append(WebhookContradicted(self.id, payment_id))
