"""Prices that turn by themselves: a sale asks less for some time, and then no more."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from nexus.domain.shared import Money, invalid

# What staff call each part of a sale.
SALE_FACTS = {"sale_price": "price", "sale_starts_at": "starts_at", "sale_ends_at": "ends_at"}


@dataclass(frozen=True, slots=True)
class Sale:
    """A lower price for some time, which is open on the side that has no moment."""

    price: Money
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise invalid("sale_ends_at", "Must be later than sale_starts_at.")

    def is_over_at(self, moment: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= moment

    def runs_at(self, moment: datetime) -> bool:
        has_begun = self.starts_at is None or self.starts_at <= moment
        return has_begun and not self.is_over_at(moment)

    def turns_after(self, moment: datetime) -> datetime | None:
        """Return when it begins or ends next, if it ever does."""
        coming = (it for it in (self.starts_at, self.ends_at) if it and it > moment)
        return min(coming, default=None)


def price_at(moment: datetime, price: Money, sale: Sale | None) -> Money:
    """Return what is asked at that moment for what regularly costs the price."""
    return sale.price if sale and sale.runs_at(moment) else price


def check_sale(price: Money | None, sale: Sale | None) -> None:
    """Refuse a sale that would not make the price lower."""
    if sale is None:
        return
    if price is None:
        raise invalid("sale_price", "What has no price of its own has no sale of its own.")
    if sale.price.currency != price.currency:
        raise invalid("sale_price", "Must be in the currency of the price.")
    if sale.price >= price:
        raise invalid("sale_price", "Must be lower than the price.")


def with_sale(said: Mapping[str, Any], sale: Sale | None, *, at: datetime) -> dict[str, Any]:
    """Return what is said with its sale in one piece, made upon the one there is.

    One that is over by now is forgotten, and none is made that would be.
    """
    still = None if sale is None or sale.is_over_at(at) else sale
    told = {SALE_FACTS[name]: said[name] for name in SALE_FACTS if name in said}
    made = _made(told, still) if told else still
    if made and made.is_over_at(at):
        raise invalid("sale_ends_at", "Has passed already.")
    return {name: said[name] for name in said if name not in SALE_FACTS} | {"sale": made}


def _made(told: Mapping[str, Any], sale: Sale | None) -> Sale | None:
    if told.get("price", sale and sale.price) is not None:
        return replace(sale, **told) if sale else Sale(**told)
    if any(told.values()):
        raise invalid("sale_price", "A sale needs a price.")
    return None
