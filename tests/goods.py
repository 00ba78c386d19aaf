"""Things to sell and orders of them, for tests that are not about the catalogue."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from nexus.application.catalog.products import CreateProduct, VariantDraft
from nexus.application.ports.work import StartWork
from nexus.domain.addresses import Address
from nexus.domain.orders import Buyer, Delivery, Order, OrderLine
from nexus.domain.pricing import PricedLine, TaxRule, quote
from nexus.domain.shared import Money, new_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOME = Address(first_name="Hana", phone="+251911223344", city="Addis Ababa", sub_city="Bole")
VAT = TaxRule(Decimal("0.15"))


def put_on_sale(
    store: StartWork, *, name: str = "Mug", price: int = 100_00, stock: int = 10
) -> UUID:
    """Return the variant of a new product that has no other."""
    create = CreateProduct(store, lambda: NOON, 5)
    facts = {"name": f"{name} {new_id().hex[-6:]}", "price": Money(price)}
    product_id = create(facts=facts, categories={}, variants=[VariantDraft(stock=stock)])
    with store() as work:
        return work.products.sold_variants_of(str(product_id))[0].variant_id


def order_of(
    store: StartWork, variant_id: UUID, quantity: int = 1, *, customer_id: UUID | None = None
) -> Order:
    """Return an order that is not kept yet."""
    with store() as work:
        goods = work.products.for_sale([variant_id])[variant_id]
    line = PricedLine(variant_id, goods.product_id, quantity, goods.price)
    priced = quote([line], currency="ETB", tax=VAT)
    ordered = OrderLine(
        new_id(),
        variant_id,
        goods.product_id,
        goods.sku,
        goods.name,
        goods.options,
        quantity,
        goods.price,
        priced.lines[0].discount,
        priced.lines[0].tax,
        priced.lines[0].total,
    )
    return Order.place(
        priced,
        (ordered,),
        cart_id=new_id(),
        buyer=Buyer("hana@example.com", customer_id),
        delivery=Delivery(HOME, HOME, "standard"),
        at=NOON,
        until=NOON + timedelta(minutes=30),
    )
