"""Baskets: what somebody means to buy, and nothing promised yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from nexus.domain.inventory import InsufficientStock
from nexus.domain.shared import Aggregate, Conflict, Money, NotFound, invalid, new_id

MOST_LINES = 200


@dataclass(eq=False)
class CartIsEmpty(Conflict):
    code = "cart_empty"


@dataclass(eq=False)
class CartLineNotFound(NotFound):
    item_id: UUID


@dataclass(frozen=True, slots=True)
class CartLine:
    """`seen_price` is what the shopper saw when they chose it, to tell them of a change."""

    id: UUID
    variant_id: UUID
    quantity: int
    seen_price: Money


@dataclass
class Cart(Aggregate):
    """A customer's, or a guest's who holds the token of which the hash is kept."""

    id: UUID
    currency: str
    updated_at: datetime
    customer_id: UUID | None = None
    token_hash: str | None = field(default=None, repr=False)
    lines: list[CartLine] = field(default_factory=list)
    coupon_codes: list[str] = field(default_factory=list)

    @property
    def quantities(self) -> dict[UUID, int]:
        return {line.variant_id: line.quantity for line in self.lines}

    def line_of(self, item_id: UUID) -> CartLine:
        if line := next((line for line in self.lines if line.id == item_id), None):
            return line
        raise CartLineNotFound(item_id)

    def add(
        self, variant_id: UUID, quantity: int, *, price: Money, available: int, most: int
    ) -> None:
        """Put in more of a variant, as far as there is stock. Nothing is promised yet."""
        mine = next((line for line in self.lines if line.variant_id == variant_id), None)
        wanted = quantity + (mine.quantity if mine else 0)
        _check(variant_id, wanted, available=available, most=most)
        if mine:
            self._put(replace(mine, quantity=wanted, seen_price=price))
        elif len(self.lines) >= MOST_LINES:
            raise invalid("variant_id", f"A cart holds at most {MOST_LINES} different items.")
        else:
            self.lines.append(CartLine(new_id(), variant_id, wanted, price))

    def set_quantity(self, item_id: UUID, quantity: int, *, available: int, most: int) -> None:
        """Want that many of a line from now on; 0 takes it out."""
        line = self.line_of(item_id)
        if quantity == 0:
            self.lines.remove(line)
            return
        _check(line.variant_id, quantity, available=available, most=most)
        self._put(replace(line, quantity=quantity))

    def remove(self, item_id: UUID) -> None:
        self.lines.remove(self.line_of(item_id))

    def clear(self) -> None:
        self.lines.clear()
        self.coupon_codes.clear()

    def absorb(self, other: Cart, *, available: Mapping[UUID, int], most: int) -> None:
        """Take over another cart: quantities add up, capped at what there is."""
        mine = {line.variant_id: line for line in self.lines}
        for line in other.lines:
            own = mine.get(line.variant_id)
            wanted = line.quantity + (own.quantity if own else 0)
            # Capped, yet never less than either cart had: a merge loses nothing.
            least = max(line.quantity, own.quantity if own else 0)
            quantity = max(least, min(wanted, available.get(line.variant_id, 0), most))
            if own:
                self._put(replace(own, quantity=quantity))
            elif len(self.lines) < MOST_LINES:
                self.lines.append(replace(line, quantity=quantity))
        self.coupon_codes += [code for code in other.coupon_codes if code not in self.coupon_codes]

    def _put(self, line: CartLine) -> None:
        self.lines = [line if it.id == line.id else it for it in self.lines]


def _check(variant_id: UUID, wanted: int, *, available: int, most: int) -> None:
    if wanted > most:
        raise invalid("quantity", f"At most {most} of one item.")
    if wanted > available:
        raise InsufficientStock(
            [{"variant_id": variant_id, "requested": wanted, "available": available}]
        )
