"""The same change for the prices of many things."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from nexus.domain.shared import MOST_MINOR, Money, invalid

# What one thing may cost at most, so that a cart full of it can be added up.
DEAREST_MINOR = MOST_MINOR // 100


@dataclass(frozen=True, slots=True)
class NewPrice:
    """The price, whatever it was before."""

    price: Money

    def of(self, before: Money) -> Money:
        return self.price


@dataclass(frozen=True, slots=True)
class PriceShift:
    """So much more or less, in percent or by an amount; rounded half up, and never below 0."""

    percent: Decimal = Decimal(0)
    minor: int = 0

    def of(self, before: Money) -> Money:
        exact = before.minor * (100 + self.percent) / 100 + self.minor
        minor = max(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), 0)
        if minor > DEAREST_MINOR:
            raise invalid("price", "Would be too much.")
        return Money(minor, before.currency)
