"""What a cart costs. The properties hold for any cart; the examples are ones people know."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus.domain.coupons import Coupon, DiscountType, Refusal
from nexus.domain.pricing import PricedLine, Quote, ShippingMethod, TaxRule, judge, quote, spread
from nexus.domain.shared import Money

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VAT = TaxRule(Decimal("0.15"))
ON_TOP = TaxRule(Decimal("0.15"), inside=False)
FLAT = ShippingMethod("flat", "Standard", Money(150_00), 3, free_from=Money(5000_00))


def line(price: int, quantity: int = 1, *, product: int = 1, category: int = 0) -> PricedLine:
    categories = frozenset({UUID(int=category)}) if category else frozenset()
    return PricedLine(
        UUID(int=price), UUID(int=product), quantity, Money(price), category_ids=categories
    )


def coupon(kind: str = "percentage", value: int = 10_00, code: str = "TEN", **terms) -> Coupon:
    return Coupon(UUID(int=9), code, DiscountType(kind), value, "ETB", NOON, **terms)


def price(*lines: PricedLine, coupons=(), shipping=None, tax=VAT) -> Quote:
    return quote(lines, currency="ETB", coupons=coupons, shipping=shipping, tax=tax)


LINES = st.lists(
    st.builds(line, st.integers(0, 10**9), st.integers(1, 999)), min_size=1, max_size=20
)
COUPONS = st.lists(
    st.one_of(
        st.builds(coupon, st.just("percentage"), st.integers(1, 100_00)),
        st.builds(coupon, st.just("fixed"), st.integers(1, 10**10)),
        st.just(coupon("free_shipping", 0)),
    ),
    max_size=3,
)
RATES = st.decimals(0, Decimal("0.99"), places=4)


class TestSpread:
    @given(st.lists(st.integers(0, 10**12), min_size=1, max_size=50), st.data())
    def test_loses_nothing_and_takes_no_more_than_there_is(self, weights, data) -> None:
        amount = data.draw(st.integers(0, sum(weights)))

        parts = spread(amount, weights)

        assert sum(parts) == amount
        assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))

    def test_gives_the_odd_unit_to_the_largest_remainder(self) -> None:
        assert spread(100, [1, 1, 1]) == [34, 33, 33]


class TestQuote:
    @given(LINES, COUPONS, RATES, st.booleans())
    def test_lines_and_shipping_always_make_the_total(self, lines, coupons, rate, inside) -> None:
        priced = price(*lines, coupons=coupons, shipping=FLAT, tax=TaxRule(rate, inside=inside))

        assert sum(it.total.minor for it in priced.lines) + priced.shipping.minor == (
            priced.total.minor
        )
        assert sum(it.discount.minor for it in priced.lines) == priced.discount.minor
        assert sum(it.amount.minor for it in priced.discounts) == priced.discount.minor
        assert all(it.total.minor >= 0 and it.tax.minor >= 0 for it in priced.lines)

    @given(LINES, COUPONS)
    def test_tax_inside_changes_no_total(self, lines, coupons) -> None:
        taxed = price(*lines, coupons=coupons, shipping=FLAT)
        free = price(*lines, coupons=coupons, shipping=FLAT, tax=TaxRule(Decimal(0)))

        assert taxed.total == free.total
        assert taxed.total == taxed.subtotal - taxed.discount + taxed.shipping

    def test_vat_is_inside_the_price(self) -> None:
        assert price(line(115_00)).tax == Money(15_00)

    def test_vat_on_top_is_added(self) -> None:
        priced = price(line(100_00), shipping=FLAT, tax=ON_TOP)

        assert (priced.tax, priced.total) == (Money(37_50), Money(287_50))

    def test_a_percentage_rounds_half_up_once_for_the_whole(self) -> None:
        assert price(line(5), coupons=[coupon()]).discount == Money(1)

    def test_a_fixed_coupon_never_takes_more_than_there_is(self) -> None:
        priced = price(line(50_00), coupons=[coupon("fixed", 80_00)])

        assert (priced.discount, priced.total) == (Money(50_00), Money(0))

    def test_a_cap_bounds_a_percentage(self) -> None:
        capped = coupon(value=50_00, max_discount=Money(20_00))

        assert price(line(100_00), coupons=[capped]).discount == Money(20_00)

    def test_a_coupon_for_one_category_leaves_the_others_alone(self) -> None:
        shoes = coupon(category_ids=frozenset({UUID(int=7)}))

        priced = price(line(100_00, category=7), line(200_00), coupons=[shoes])

        assert [it.discount for it in priced.lines] == [Money(10_00), Money(0)]

    def test_shipping_is_free_from_its_threshold_after_discounts(self) -> None:
        assert price(line(5000_00), shipping=FLAT).shipping == Money(0)
        assert price(line(5000_00), coupons=[coupon()], shipping=FLAT).shipping == Money(150_00)

    def test_a_free_shipping_coupon_frees_the_shipping_and_nothing_else(self) -> None:
        priced = price(line(100_00), coupons=[coupon("free_shipping", 0)], shipping=FLAT)

        assert (priced.shipping, priced.discount, priced.total) == (
            Money(0),
            Money(0),
            Money(100_00),
        )

    def test_two_currencies_are_never_added_up(self) -> None:
        foreign = replace(line(100), unit_price=Money(100, "USD"))

        with pytest.raises(ValueError, match="do not mix"):
            price(line(100), foreign)

    def test_an_empty_cart_costs_nothing(self) -> None:
        assert price(shipping=FLAT).total == Money(0)


class TestJudge:
    def verdicts(self, *coupons: Coupon, uses=None, most=3) -> list[Refusal | None]:
        found = judge(coupons, [line(100_00)], uses=uses or {}, most=most, at=NOON)
        return [it.refusal for it in found]

    def test_two_coupons_stand_together_only_if_all_are_stackable(self) -> None:
        lone, stackable = coupon(code="A"), coupon(code="B", stackable=True)

        assert self.verdicts(lone, stackable) == [None, Refusal.NOT_STACKABLE]
        assert self.verdicts(stackable, coupon(code="C", stackable=True)) == [None, None]

    def test_no_more_stand_together_than_the_shop_allows(self) -> None:
        many = [coupon(code=code, stackable=True) for code in "ABC"]

        assert self.verdicts(*many, most=2) == [None, None, Refusal.NOT_STACKABLE]

    def test_a_refused_coupon_does_not_stand_in_the_way_of_the_next(self) -> None:
        assert self.verdicts(coupon(code="A", is_active=False), coupon(code="B")) == [
            Refusal.INACTIVE,
            None,
        ]

    def test_names_why_a_coupon_may_not_be_used(self) -> None:
        cases = {
            Refusal.INACTIVE: coupon(is_active=False),
            Refusal.NOT_STARTED: coupon(valid_from=NOON.replace(hour=13)),
            Refusal.EXPIRED: coupon(valid_to=NOON),
            Refusal.USED_UP: coupon(max_uses=2, used_count=2),
            Refusal.USED_UP_FOR_CUSTOMER: coupon(code="MINE", max_uses_per_customer=1),
            Refusal.MINIMUM_NOT_MET: coupon(min_purchase=Money(100_01)),
            Refusal.NOT_APPLICABLE: coupon(product_ids=frozenset({UUID(int=77)})),
        }

        assert {why: self.verdicts(it, uses={"MINE": 1})[0] for why, it in cases.items()} == {
            why: why for why in cases
        }

    def test_a_minimum_is_met_by_exactly_its_amount(self) -> None:
        assert self.verdicts(coupon(min_purchase=Money(100_00))) == [None]
