"""A shop with one mug for sale and everything that payments need, over any store."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from nexus.adapters.memory.gateway import MemoryGateway
from nexus.adapters.tokens import HmacOrderTokens
from nexus.application.payments.close import CloseAttempt, SettleOrCancelAttempts, VoidPayment
from nexus.application.payments.reconcile import ReconcilePayments
from nexus.application.payments.settle import SettlePayment, VerifyPayment
from nexus.application.payments.start import Payer, PaymentPages, StartPayment
from nexus.application.payments.webhooks import HandleWebhook, ReceiveWebhook
from nexus.application.ports.system import OwedReaction, StoredEvent
from nexus.application.ports.work import StartWork
from nexus.domain.addresses import Address
from nexus.domain.catalog import Product, ProductFacts, Variant
from nexus.domain.inventory import StockItem
from nexus.domain.orders import Buyer, Delivery, Order, OrderLine
from nexus.domain.payments import Payment
from nexus.domain.pricing import Quote
from nexus.domain.shared import Money, new_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PRICE = Money(150_00)
SITE = "https://shop.test"
ADDRESS = Address(
    first_name="Abebe", last_name="Kebede", phone="+251911223344", city="Addis Ababa", line1="Bole"
)
PAGES = PaymentPages.of("Nexus", SITE, ("https://www.shop.test",))


@dataclass
class Till:
    """Its clock stands still until it is set."""

    store: StartWork
    gateway: MemoryGateway = field(default_factory=MemoryGateway)
    at: datetime = NOON

    def __post_init__(self) -> None:
        gateways = {self.gateway.provider: self.gateway}
        store, now = self.store, self.now
        self.tokens = HmacOrderTokens("a key of this test")
        self.settle = SettlePayment(store, gateways, now)
        self.verify = VerifyPayment(store, self.settle)
        self.close = CloseAttempt(store, gateways, self.settle)
        self.start = StartPayment(store, gateways, self.tokens, self.close, PAGES, now)
        self.void = VoidPayment(store, self.close, now)
        self.settle_or_cancel = SettleOrCancelAttempts(store, self.close, now)
        self.reconcile = ReconcilePayments(store, self.settle, self.close, now)
        self.receive = ReceiveWebhook(store, gateways, now)
        self.handle = HandleWebhook(store, self.settle, now)

    def now(self) -> datetime:
        return self.at

    def stock_mugs(self, count: int) -> None:
        product = Product.create(ProductFacts(name="Mug", slug="mug", price=PRICE), (), at=NOON)
        self.variant = Variant(new_id(), product.id, "MUG", updated_at=NOON)
        with self.store() as work:
            work.products.add(product, [self.variant])
            work.stock.add(
                [StockItem.opened(self.variant.id, "MUG", threshold=0, on_hand=count, at=NOON)]
            )

    def place(self, quantity: int = 1, *, customer_id: UUID | None = None) -> Order:
        """Return an order of mugs that has its stock reserved for half an hour."""
        until = self.at + timedelta(minutes=30)
        with self.store() as work:
            order = self._order(quantity, customer_id, until)
            work.orders.add(order)
            work.stock.reserve(order.id, order.quantities, until=until, at=self.at)
        return order

    def _order(self, quantity: int, customer_id: UUID | None, until: datetime) -> Order:
        total, nothing = PRICE * quantity, Money(0)
        line = OrderLine(
            id=new_id(),
            variant_id=self.variant.id,
            product_id=self.variant.product_id,
            sku="MUG",
            name="Mug",
            options={},
            quantity=quantity,
            unit_price=PRICE,
            discount=nothing,
            tax=nothing,
            total=total,
        )
        return Order.place(
            Quote(
                lines=(),
                discounts=(),
                subtotal=total,
                discount=nothing,
                shipping=nothing,
                tax=nothing,
                total=total,
            ),
            (line,),
            cart_id=new_id(),
            buyer=Buyer("abebe@nexus.test", customer_id),
            delivery=Delivery(ADDRESS, ADDRESS, "flat"),
            at=self.at,
            until=until,
        )

    def begin(self, order: Order) -> Payment:
        """Return the payment that its guest has opened a checkout for."""
        token = self.tokens.for_order(order.id)
        return self.payment(self.start(order_id=order.id, payer=Payer(order_token=token)))

    def expire(self, order: Order) -> None:
        """Cancel the order for want of payment, as the scheduler does."""
        with self.store() as work:
            kept = work.orders.lock(order.id)
            kept.expire(self.at)
            work.orders.save(kept)
            work.stock.release(order.id, at=self.at, reason="expired")

    def react(self, inbox_id: UUID) -> None:
        """Run the reaction that a message's event asks for."""
        event = StoredEvent(
            new_id(), "internal.webhook_received", self.at, {"inbox_id": str(inbox_id)}
        )
        self.handle(owed=OwedReaction(new_id(), "handle_webhook", event, 1))

    def payment(self, payment_id: UUID) -> Payment:
        with self.store() as work:
            return work.payments.by_id(payment_id)

    def order(self, order: Order) -> Order:
        with self.store() as work:
            return work.orders.lock(order.id)

    def mugs(self) -> tuple[int, int]:
        """Return how many mugs are on the shelf, and how many of them are promised."""
        with self.store() as work:
            item = work.stock.lock(self.variant.id)
            return item.on_hand, item.reserved
