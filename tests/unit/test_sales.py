"""What a sale does to a price, as time goes by."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus.adapters.memory.store import MemoryStore
from nexus.application.catalog.changes import ChangeProduct
from nexus.application.catalog.prices import TurnPrices
from nexus.application.catalog.products import CreateProduct, VariantDraft
from nexus.domain.price_changes import PriceShift
from nexus.domain.sales import Sale, check_sale, price_at, with_sale
from nexus.domain.shared import Money, ValidationFailed

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
REGULAR, LOWER = Money(100_00), Money(80_00)
moments = st.integers(0, 10_000).map(lambda hours: NOON + hours * HOUR)


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    begin, end = draw(st.none() | moments), draw(st.none() | moments)
    if begin and end:
        begin, end = min(begin, end), max(begin, end) + HOUR
    return Sale(LOWER, begin, end)


class TestSale:
    @given(sales(), moments)
    def test_asks_its_price_from_its_beginning_until_before_its_end(
        self, sale: Sale, moment: datetime
    ) -> None:
        has_begun = sale.starts_at is None or moment >= sale.starts_at
        has_ended = sale.ends_at is not None and moment >= sale.ends_at

        asked = price_at(moment, REGULAR, sale)

        assert asked == (LOWER if has_begun and not has_ended else REGULAR)

    @given(sales(), moments, moments)
    def test_turns_at_no_other_moment_than_it_says(
        self, sale: Sale, one: datetime, other: datetime
    ) -> None:
        earlier, later = sorted((one, other))
        turns = sale.turns_after(earlier)

        if turns is None or later < turns:
            assert price_at(earlier, REGULAR, sale) == price_at(later, REGULAR, sale)
        assert turns is None or turns > earlier

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"sale_price": LOWER, "sale_starts_at": NOON, "sale_ends_at": NOON}, "sale_ends_at"),
            ({"sale_price": LOWER, "sale_ends_at": NOON}, "sale_ends_at"),
            ({"sale_starts_at": NOON}, "sale_price"),
            ({"sale_price": None, "sale_ends_at": NOON}, "sale_price"),
        ],
    )
    def test_is_refused_where_it_would_never_run(self, said: dict[str, Any], field: str) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            with_sale(said, None, at=NOON)

        assert list(refusal.value.errors) == [field]

    @pytest.mark.parametrize("price", [None, LOWER, Money(79_99), Money(100_00, "USD")])
    def test_is_refused_unless_it_asks_less(self, price: Money | None) -> None:
        with pytest.raises(ValidationFailed, match="sale_price"):
            check_sale(price, Sale(LOWER))

    def test_is_changed_where_it_is_named_and_kept_elsewhere(self) -> None:
        sale = Sale(LOWER, NOON, NOON + HOUR)

        assert with_sale({"brand": "A"}, sale, at=NOON) == {"brand": "A", "sale": sale}
        assert with_sale({"sale_ends_at": None}, sale, at=NOON) == {"sale": Sale(LOWER, NOON)}
        assert with_sale({"sale_price": None}, sale, at=NOON) == {"sale": None}
        assert with_sale({}, sale, at=NOON + HOUR) == {"sale": None}


class Season:
    """A shop whose clock is set by hand."""

    def __init__(self) -> None:
        self.at = NOON
        store = self.store = MemoryStore()
        self.create = CreateProduct(store, lambda: self.at, 5)
        self.change = ChangeProduct(store, lambda: self.at, 5)
        self.turn_prices = TurnPrices(store, lambda: self.at)

    def mug(self, *variants: VariantDraft, **facts: Any) -> None:
        drafts = variants or (VariantDraft(),)
        said = {"name": "Mug", "price": REGULAR} | facts
        self.create(facts=said, categories={}, variants=drafts)

    def price(self) -> Money:
        with self.store() as work:
            return work.products.sold_variants_of("mug")[0].price

    def say(self, **changes: Any) -> None:
        self.change(product="mug", changes=changes, categories=None, expected=None)


@pytest.fixture
def season() -> Season:
    return Season()


class TestTurnPrices:
    def test_begins_a_sale_and_ends_it(self, season: Season) -> None:
        season.mug(sale_price=LOWER, sale_starts_at=NOON + HOUR, sale_ends_at=NOON + 3 * HOUR)
        asked = []

        for _ in range(4):
            season.turn_prices()
            asked.append(season.price())
            season.at += HOUR

        assert asked == [REGULAR, LOWER, LOWER, REGULAR]
        names = [it.name for it in season.store.events]
        assert names == ["product.created", "product.updated", "product.updated"]

    def test_leaves_alone_what_does_not_turn(self, season: Season) -> None:
        season.mug(sale_price=LOWER, sale_starts_at=NOON + HOUR)

        assert season.turn_prices() == 0

    def test_tells_of_a_product_once_however_many_variants_turn(self, season: Season) -> None:
        sale = {"sale_price": LOWER, "sale_starts_at": NOON + HOUR}
        of_them = [
            VariantDraft(price=Money(90_00), options={"size": it}, **sale)  # type: ignore[arg-type]
            for it in "SM"
        ]
        season.mug(*of_them, **sale)
        season.at += HOUR

        assert season.turn_prices() == 1

        assert [it.name for it in season.store.events].count("product.updated") == 1
        with season.store() as work:
            goods = work.products.sold_variants_of("mug")
            assert {it.price for it in goods} == {LOWER}

    def test_is_not_waited_for_by_a_sale_that_is_due_when_it_is_written(
        self, season: Season
    ) -> None:
        season.mug()

        season.say(sale_price=LOWER)
        begun = season.price()
        season.say(sale_price=None)

        assert (begun, season.price()) == (LOWER, REGULAR)

    def test_leaves_the_regular_price_to_staff_meanwhile(self, season: Season) -> None:
        season.mug(sale_price=LOWER, sale_ends_at=NOON + HOUR)

        season.say(price=Money(120_00))
        meanwhile = season.price()
        season.at += HOUR
        season.turn_prices()

        assert (meanwhile, season.price()) == (LOWER, Money(120_00))


class TestPriceShift:
    @given(st.integers(0, 10**9), st.integers(-10_000, 100_000))
    def test_is_never_farther_from_the_exact_price_than_half_a_unit(
        self, minor: int, hundredths: int
    ) -> None:
        shift = PriceShift(percent=Decimal(hundredths) / 100)

        after = shift.of(Money(minor))

        exact = Decimal(minor) * (100 + shift.percent) / 100
        assert after.minor >= 0
        assert Decimal("-0.5") < after.minor - exact <= Decimal("0.5")

    @given(st.integers(0, 10**9), st.integers(-(10**9), 10**9))
    def test_never_falls_below_nothing(self, minor: int, shift: int) -> None:
        assert PriceShift(minor=shift).of(Money(minor)) == Money(max(minor + shift, 0))
