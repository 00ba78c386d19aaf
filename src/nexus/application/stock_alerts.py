"""Waiting for what is sold out, and hearing of it once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nexus.application.ports.catalog import ForSale
from nexus.application.ports.gateways import Letter, Mailer
from nexus.application.ports.identity import IdentityQueries
from nexus.application.ports.security import Seals
from nexus.application.ports.system import Clock, OwedReaction
from nexus.application.ports.work import StartWork, Work
from nexus.domain.catalog import VariantNotFound
from nexus.domain.one_time_tokens import LinkInvalid
from nexus.domain.shared import new_id
from nexus.domain.stock_alerts import InStock, StockAlert, StockAlertOvertaken

# One batch is one short transaction, so that a crowd holds up nobody and nothing is begun twice.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits: a customer by their account, or a guest by an address."""

    user_id: UUID | None = None
    email: str | None = None
    locale: str = "en"


@dataclass(frozen=True)
class AwaitStock:
    """Remember who wants to hear when a product, or a variant of it, is there again.

    Nobody learns whether somebody waits already. Raise InStock, ProductNotFound, VariantNotFound.
    """

    start_work: StartWork
    now: Clock

    def __call__(self, *, product: str, variant_id: UUID | None, who: Waiting) -> None:
        with self.start_work() as work:
            product_id = work.products.on_show(product)
            sold_out(work, product_id, variant_id)
            alert = StockAlert(
                id=new_id(),
                product_id=product_id,
                variant_id=variant_id,
                created_at=self.now(),
                user_id=who.user_id,
                email=who.email,
                locale=who.locale,
            )
            work.stock_alerts.add(alert)
        with self.start_work() as work:
            # Whoever put it on the shelf meanwhile could not see who had begun to wait.
            for goods in there_again(work, product_id, variant_id):
                work.publish(StockAlertOvertaken(goods.variant_id))


@dataclass(frozen=True)
class StopWaiting:
    """Forget that somebody waits for a product, or for anything. Raise ProductNotFound."""

    start_work: StartWork

    def __call__(self, *, who: Waiting, product: str | None = None) -> None:
        with self.start_work() as work:
            forgotten = work.stock_alerts.remove(
                user_id=who.user_id, email=who.email, product=product
            )
            if product and not forgotten:
                work.products.on_show(product)


@dataclass(frozen=True)
class CallWaiting:
    """Owe a mail to each who waits for what has come back; each ceases to wait at once.

    Both are one transaction, so that repeating this owes nobody a second mail.
    """

    start_work: StartWork

    def __call__(self, *, owed: OwedReaction) -> None:
        variant_id = UUID(owed.event.data["variant_id"])
        while self._call_some(variant_id) == BATCH:
            pass

    def _call_some(self, variant_id: UUID) -> int:
        with self.start_work() as work:
            goods = work.products.for_sale([variant_id]).get(variant_id)
            if goods is None or not goods.buyable:
                return 0
            called = work.stock_alerts.take(goods.product_id, variant_id, limit=BATCH)
            # Whoever waits for the product and for this variant of it hears of it once.
            for alert in {(it.user_id, it.email): it for it in called}.values():
                work.publish(alert.due(variant_id))
            return len(called)


@dataclass(frozen=True)
class LookAgain:
    """Call those who wait for what came back while it was not sold, and is sold from now on."""

    start_work: StartWork

    def __call__(self, *, owed: OwedReaction) -> None:
        product_id = UUID(owed.event.data["product_id"])
        with self.start_work() as work:
            if work.stock_alerts.wait_for(product_id):
                for goods in there_again(work, product_id, None):
                    work.publish(StockAlertOvertaken(goods.variant_id))


@dataclass(frozen=True)
class UnsubscribeWords:
    """Words in mails that let their reader, and nobody else, end what is mailed to them."""

    seals: Seals

    def for_reader(self, who: Waiting) -> str:
        return self.seals.seal("unsubscribe", f"{who.user_id or ''} {who.email or ''}")

    def reader_of(self, token: str) -> Waiting:
        """Raise LinkInvalid."""
        user_id, found, email = (self.seals.open("unsubscribe", token) or "").partition(" ")
        if not found:
            raise LinkInvalid
        return Waiting(UUID(user_id) if user_id else None, email or None)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a mail goes to, and in which language."""

    who: Waiting
    email: str
    locale: str
    name: str = ""


@dataclass(frozen=True)
class SendBackInStock:
    """Tell one of those who waited that it is there again, with a way to hear of nothing more."""

    start_work: StartWork
    identity: IdentityQueries
    words: UnsubscribeWords
    mailer: Mailer
    public_url: str
    one_click_path: str

    def __call__(self, *, owed: OwedReaction) -> None:
        variant_id = UUID(owed.event.data["variant_id"])
        with self.start_work() as work:
            goods = work.products.for_sale([variant_id]).get(variant_id)
        reader = self._reader(owed.event.data)
        if goods and reader:
            self.mailer.send(self._letter(owed.id, goods, reader))

    def _reader(self, facts: Mapping[str, Any]) -> Addressee | None:
        if facts["user_id"] is None:
            return Addressee(Waiting(email=facts["email"]), facts["email"], facts["locale"])
        account = self.identity.account(UUID(facts["user_id"]))
        if account.is_closed:
            return None
        name, locale = account.first_name, account.preferences.locale
        return Addressee(Waiting(account.id), account.email, locale, name)

    def _letter(self, id_: UUID, goods: ForSale, reader: Addressee) -> Letter:
        token = self.words.for_reader(reader.who)
        facts = {
            "name": reader.name,
            "product": goods.name,
            "options": goods.options,
            "link": f"{self.public_url}/products/{goods.product_slug}",
            "unsubscribe": f"{self.public_url}/unsubscribe?token={token}",
            "one_click": f"{self.public_url}{self.one_click_path}?token={token}",
        }
        return Letter(id_, "back_in_stock", reader.email, facts, reader.locale)


def sold_out(work: Work, product_id: UUID, variant_id: UUID | None) -> None:
    """Raise InStock if there is nothing to wait for, VariantNotFound if it is not to be had."""
    if there := there_again(work, product_id, variant_id):
        raise InStock(sum(it.available for it in there))


def there_again(work: Work, product_id: UUID, variant_id: UUID | None) -> Sequence[ForSale]:
    """Return what of it can be bought now."""
    sold = work.products.sold_variants_of(str(product_id))
    if variant_id:
        sold = [it for it in sold if it.variant_id == variant_id]
        if not sold:
            raise VariantNotFound(variant_id)
    return [it for it in sold if it.buyable]
