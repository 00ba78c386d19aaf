"""The shop's own rules for pricing, and what a cart comes to under them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from nexus.application.ports.security import Seals
from nexus.application.ports.shopping import CartContents, CartOwner, OfferedLine, ShoppingQueries
from nexus.application.ports.system import Clock
from nexus.domain.coupons import SENTENCES, Coupon
from nexus.domain.pricing import (
    CouponVerdict,
    PricedLine,
    Quote,
    ShippingMethod,
    TaxRule,
    judge,
    quote,
)
from nexus.domain.shared import Conflict, Money, invalid


@dataclass(eq=False)
class PriceChanged(Conflict):
    """The total is not the quoted one any more; amounts in major units."""

    quoted: str
    total: str
    difference: str
    currency: str


@dataclass(frozen=True)
class Pricing:
    """What the shop decides once: its currency, tax, ways to ship, and limits."""

    currency: str
    tax: TaxRule
    shipping: tuple[ShippingMethod, ...]
    most_coupons: int

    def judge(
        self,
        coupons: Sequence[Coupon],
        lines: Sequence[PricedLine],
        *,
        uses: Mapping[str, int],
        at: datetime,
    ) -> list[CouponVerdict]:
        return judge(coupons, lines, uses=uses, most=self.most_coupons, at=at)

    def method(self, code: str | None) -> ShippingMethod:
        """Return the way to ship of this code, or the usual one where none is named."""
        for method in self.shipping:
            if code in (None, method.code):
                return method
        raise invalid("shipping_method", "There is no such shipping method.")

    def quote(
        self, lines: Sequence[PricedLine], coupons: Sequence[Coupon], method: ShippingMethod
    ) -> Quote:
        return quote(lines, currency=self.currency, coupons=coupons, shipping=method, tax=self.tax)


@dataclass(frozen=True)
class SealedQuotes:
    """Totals that the shop stands by for a while: what you saw is what you pay."""

    seals: Seals
    now: Clock
    lifetime: timedelta

    def seal(self, total: Money) -> str:
        until = int((self.now() + self.lifetime).timestamp())
        return self.seals.seal("quote", f"{total.minor}:{total.currency}:{until}")

    def check(self, sealed: str, total: Money) -> None:
        """Refuse a total that is not the quoted one; a quote that has run out promises nothing."""
        text = self.seals.open("quote", sealed)
        if text is None:
            raise invalid("quote", "Not a quote of this shop.")
        minor, currency, until = text.split(":")
        quoted = Money(int(minor), currency)
        if quoted != total:
            difference = total - quoted
            raise PriceChanged(quoted.text, total.text, difference.text, total.currency)
        if self.now().timestamp() >= int(until):
            raise invalid("quote", "This quote has run out.")


@dataclass(frozen=True, slots=True)
class CartWarning:
    code: str
    item_id: UUID | None
    detail: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A cart line with what it costs now and whether it can be had."""

    line: OfferedLine
    price_changed: bool
    subtotal: Money


@dataclass(frozen=True, slots=True)
class ShownCart:
    """A cart priced as of now; coupons that may not be used stand in the warnings alone."""

    id: UUID | None
    lines: tuple[ShownLine, ...]
    quote: Quote
    warnings: tuple[CartWarning, ...]
    sealed_quote: str | None
    updated_at: datetime | None

    @property
    def priced_lines(self) -> list[PricedLine]:
        """What of it is sold now."""
        return [as_priced(it.line) for it in self.lines if it.line.is_sold]


@dataclass(frozen=True)
class ShowCart:
    """Price a cart for whoever owns it; without one, show an empty one and create nothing."""

    queries: ShoppingQueries
    pricing: Pricing
    quotes: SealedQuotes
    now: Clock

    def __call__(self, *, owner: CartOwner | None, method: str | None = None) -> ShownCart:
        contents = self.queries.cart(owner) if owner else None
        if contents is None:
            return ShownCart(None, (), self._quote((), (), method), (), None, None)
        sold = [line for line in contents.lines if line.is_sold]
        lines = [as_priced(line) for line in sold]
        verdicts = self.pricing.judge(contents.coupons, lines, uses=contents.uses, at=self.now())
        usable = [it.coupon for it in verdicts if it.refusal is None]
        priced = self._quote(lines, usable, method)
        return ShownCart(
            id=contents.id,
            lines=tuple(map(_shown, contents.lines)),
            quote=priced,
            warnings=(*_line_warnings(contents), *_coupon_warnings(verdicts)),
            sealed_quote=self.quotes.seal(priced.total) if lines else None,
            updated_at=contents.updated_at,
        )

    def _quote(
        self, lines: Sequence[PricedLine], coupons: Sequence[Coupon], method: str | None
    ) -> Quote:
        return self.pricing.quote(lines, coupons, self.pricing.method(method))


def as_priced(line: OfferedLine) -> PricedLine:
    return PricedLine(
        line.variant_id, line.product_id, line.quantity, line.unit_price, line.category_ids
    )


def _shown(line: OfferedLine) -> ShownLine:
    return ShownLine(line, line.unit_price != line.seen_price, line.unit_price * line.quantity)


def _line_warnings(contents: CartContents) -> list[CartWarning]:
    """Say of each line what would surprise its owner at checkout."""
    found = []
    for line in contents.lines:
        for holds, code, detail in _SURPRISES:
            if holds(line):
                found.append(CartWarning(code, line.id, detail.format(line)))
                break
    return found


_SURPRISES: tuple[tuple[Callable[[OfferedLine], bool], str, str], ...] = (
    (lambda it: not it.is_sold, "unavailable", "{0.product_name} is not sold any more."),
    (
        lambda it: it.quantity > it.available,
        "insufficient_stock",
        "Only {0.available} of {0.product_name} are left.",
    ),
    (
        lambda it: it.unit_price != it.seen_price,
        "price_changed",
        "The price of {0.product_name} was {0.seen_price.text}, and is {0.unit_price.text} now.",
    ),
)


def _coupon_warnings(verdicts: Sequence[CouponVerdict]) -> list[CartWarning]:
    return [
        CartWarning("coupon_refused", None, f"{it.coupon.code}: {SENTENCES[it.refusal]}")
        for it in verdicts
        if it.refusal
    ]
