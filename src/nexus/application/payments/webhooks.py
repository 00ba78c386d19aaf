"""Signed news from providers: kept at once, acted upon later, and never simply believed."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from nexus.application.payments.settle import SettlePayment
from nexus.application.ports.gateways import Gateways
from nexus.application.ports.system import Clock, OwedReaction
from nexus.application.ports.work import StartWork
from nexus.domain.notices import UNKNOWN_REFERENCE, Notice
from nexus.domain.shared import NotFound


@dataclass(eq=False)
class ProviderNotFound(NotFound):
    provider: str


@dataclass(frozen=True)
class ReceiveWebhook:
    """Keep a provider's message once, if its signature is right."""

    start_work: StartWork
    gateways: Gateways
    now: Clock

    def __call__(self, *, provider: str, body: bytes, headers: Mapping[str, str]) -> None:
        if provider not in self.gateways:
            raise ProviderNotFound(provider)
        news = self.gateways[provider].read_webhook(body, headers)
        notice = Notice.receive(
            provider,
            news.key,
            kind=news.kind,
            reference=news.reference,
            amount=news.amount,
            at=self.now(),
        )
        with self.start_work() as work:
            work.inbox.add(notice)


@dataclass(frozen=True)
class HandleWebhook:
    """Take a message as a reason to ask the provider, and note what came of it."""

    start_work: StartWork
    settle: SettlePayment
    now: Clock

    def __call__(self, *, owed: OwedReaction) -> None:
        inbox_id = UUID(owed.event.data["inbox_id"])
        with self.start_work() as work:
            notice = work.inbox.by_id(inbox_id)
            known = notice.reference and work.payments.id_of(
                notice.reference, provider=notice.provider
            )
        if notice.handled_at:
            return
        if known:
            self.settle(payment_id=known)
            self._conclude(inbox_id, known)
        else:
            self._dismiss(inbox_id)

    def _conclude(self, inbox_id: UUID, payment_id: UUID) -> None:
        at = self.now()
        with self.start_work() as work:
            notice = work.inbox.by_id(inbox_id)
            payment = work.payments.lock(payment_id)
            if notice.amount not in (None, payment.amount):
                notice.contradicted(payment_id, at=at)
            else:
                notice.handled(payment.status, at=at)
            work.inbox.save(notice)
            if not payment.is_settled and not payment.unmatched_reason:
                # The message may be ahead of what the provider answers when asked.
                payment.expect_news(at=at)
                work.payments.save(payment)

    def _dismiss(self, inbox_id: UUID) -> None:
        with self.start_work() as work:
            notice = work.inbox.by_id(inbox_id)
            notice.handled(UNKNOWN_REFERENCE, at=self.now())
            work.inbox.save(notice)
