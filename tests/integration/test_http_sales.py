"""Sales that begin and end by themselves, and what was asked before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nexus.application.catalog.prices import TurnPrices
from tests.integration.catalogue import first_variant, make
from tests.integration.shop import Shop, Visitor

DAY = timedelta(days=1)
TERMS = ("price", "compare_at_price", "on_sale", "regular_price", "lowest_price_30_days")


def said(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


def now() -> datetime:
    return datetime.now(UTC)


def turn(shop: Shop, at: datetime) -> int:
    """Let the scheduler come by at another moment."""
    return TurnPrices(shop.container.work, lambda: at)()


def terms(product: Any) -> tuple[Any, ...]:
    return tuple(product[name] for name in TERMS)


class TestSales:
    def test_begin_and_end_by_themselves(self, staff: Visitor, shop: Shop) -> None:
        begin = now() + DAY
        end = begin + 2 * DAY
        sale = {"sale_price": "80.00", "sale_starts_at": said(begin), "sale_ends_at": said(end)}
        make(staff, **sale)
        guest, shown = shop.visitor(), []

        for days in range(4):
            turn(shop, begin + (days - 1) * DAY)
            shown.append(terms(guest.get("/products/mug").json))

        regular = ("100.00", None, False, "100.00", None)
        reduced = ("80.00", "100.00", True, "100.00", "100.00")
        assert shown == [regular, reduced, reduced, regular]

    def test_are_seen_in_lists_and_carts(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff, stock=3))
        staff.patch("/products/mug", {"sale_price": "80.00"})

        (listed,) = shop.visitor().get("/products?on_sale=true").json["results"]
        cart = shop.visitor().put_in(variant_id).json

        told = (listed["price"], listed["compare_at_price"], listed["lowest_price_30_days"])
        assert told == ("80.00", "100.00", "100.00")
        assert cart["items"][0]["unit_price"] == "80.00"

    def test_let_price_mean_the_regular_one(self, staff: Visitor) -> None:
        make(staff, sale_price="80.00")

        changed = staff.patch("/products/mug", {"price": "120.00"}).json

        assert (changed["price"], changed["regular_price"]) == ("80.00", "120.00")
        assert staff.patch("/products/mug", {"sale_price": None}).json["price"] == "120.00"

    def test_strike_out_the_price_that_was_given_for_it(self, staff: Visitor) -> None:
        made = make(staff, sale_price="80.00", compare_at_price="150.00")

        assert made["compare_at_price"] == "150.00"

    def test_are_planned_in_secret(self, staff: Visitor, shop: Shop) -> None:
        begin = said(now() + DAY)
        make(staff, sale_price="80.00", sale_starts_at=begin)

        secret = {"sale_price": "80.00", "sale_starts_at": begin, "sale_ends_at": None}
        assert secret.items() <= staff.get("/products/mug").json.items()
        shown = shop.visitor().get("/products/mug").json
        assert {name: shown[name] for name in secret} == dict.fromkeys(secret)

    def test_spoil_an_edit_of_what_was_seen_before(self, staff: Visitor, shop: Shop) -> None:
        make(staff, sale_price="80.00", sale_starts_at=said(now() + DAY))
        tag = staff.get("/products/mug").headers["ETag"]

        turned = turn(shop, now() + 2 * DAY)

        assert turned == 1
        assert staff.patch("/products/mug", {"brand": "A"}, If_Match=tag).status_code == 412
        told = shop.one("SELECT count(*) FROM outbox WHERE name = 'product.updated'")[0]
        assert told == 1

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"sale_price": "100.00"}, "sale_price"),
            ({"sale_price": "-1"}, "sale_price"),
            ({"sale_starts_at": "2030-01-01T00:00:00Z"}, "sale_price"),
            ({"sale_price": "80", "sale_ends_at": "2020-01-01T00:00:00Z"}, "sale_ends_at"),
            ({"sale_price": "80", "sale_ends_at": "tomorrow"}, "sale_ends_at"),
            (
                {
                    "sale_price": "80",
                    "sale_starts_at": "2030-01-02T00:00:00Z",
                    "sale_ends_at": "2030-01-01T00:00:00Z",
                },
                "sale_ends_at",
            ),
        ],
    )
    def test_are_refused_where_they_cannot_be_meant(
        self, staff: Visitor, body: dict[str, str], field: str
    ) -> None:
        variant_id = first_variant(make(staff))
        staff.patch(f"/variants/{variant_id}", {"price": "100.00"})
        answers = [
            staff.post("/products", {"name": "Cup", "price": "100.00"} | body),
            staff.patch("/products/mug", body),
            staff.patch(f"/variants/{variant_id}", body),
        ]

        assert [it.status_code for it in answers] == [422, 422, 422]
        assert {name for it in answers for name in it.json["errors"]} == {field}

    def test_of_a_variant_need_a_price_of_its_own(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff))
        path = f"/variants/{variant_id}"

        refused = staff.patch(path, {"sale_price": "80.00"})
        taken = staff.patch(path, {"price": "90.00", "sale_price": "80.00"})

        assert (refused.status_code, list(refused.json["errors"])) == (422, ["sale_price"])
        assert terms(taken.json) == ("80.00", "90.00", True, "90.00", "100.00")
        assert shop.visitor().put_in(variant_id).json["code"] == "insufficient_stock"

    def test_cost_one_statement_while_none_is_due(self, staff: Visitor, shop: Shop) -> None:
        make(staff, sale_price="80.00", sale_starts_at=said(now() + DAY))

        with shop.statements() as sent:
            turned = turn(shop, now())

        assert (turned, len(sent)) == (0, 1)

    def test_turn_in_a_handful_of_statements_however_many(self, staff: Visitor, shop: Shop) -> None:
        soon = said(now() + DAY)
        for number in range(20):
            sizes = [
                {"options": {"size": it}, "price": "90", "sale_price": "70", "sale_starts_at": soon}
                for it in "SM"
            ]
            make(staff, f"Mug {number}", sale_price="80", sale_starts_at=soon, variants=sizes)

        with shop.statements() as sent:
            turned = turn(shop, now() + 2 * DAY)

        assert (turned, len(sent) <= 6) == (20, True)
        assert shop.one("SELECT count(*) FROM variants WHERE price_minor = 7000")[0] == 40


class TestPriceHistory:
    @pytest.fixture
    def clock(self, shop: Shop) -> Iterator[list[datetime]]:
        """The moment at which staff write, to be set."""
        at = [now() + DAY]
        for name in ("change_product", "change_variant"):
            object.__setattr__(getattr(shop.container, name)(), "now", lambda: at[0])
        yield at
        for name in ("change_product", "change_variant"):
            object.__setattr__(getattr(shop.container, name)(), "now", shop.container.clock())

    def test_keeps_every_price_with_its_time(self, staff: Visitor, clock: list[datetime]) -> None:
        made = make(staff)
        begin = clock[0]

        for price in ("90.00", "95.00"):
            staff.patch("/products/mug", {"price": price})
            clock[0] += DAY

        page = staff.get("/products/mug/prices").json
        asked = [(it["price"], it["since"], it["until"]) for it in page["results"]]
        assert asked == [
            ("95.00", said(begin + DAY), None),
            ("90.00", said(begin), said(begin + DAY)),
            ("100.00", made["created_at"], said(begin)),
        ]
        assert page["count"] == 3

    def test_keeps_those_of_variants_beside_them(
        self, staff: Visitor, clock: list[datetime]
    ) -> None:
        variant_id = first_variant(make(staff, sku="MUG"))

        for price in ("90.00", "80.00", None):
            staff.patch(f"/variants/{variant_id}", {"price": price})
            clock[0] += DAY

        asked = staff.get("/products/mug/prices").json["results"]
        own = [(it["sku"], it["price"]) for it in asked if it["variant_id"] == str(variant_id)]
        assert own == [("MUG", "80.00"), ("MUG", "90.00"), ("MUG", "100.00")]

    def test_shows_what_was_asked_least_in_the_thirty_days_before(
        self, staff: Visitor, clock: list[datetime]
    ) -> None:
        make(staff)
        lowest = []

        for days, price in [(0, "60"), (1, "100"), (5, "80"), (40, "100"), (29, "90"), (31, "70")]:
            clock[0] += days * DAY
            answer = staff.patch("/products/mug", {"price": price, "compare_at_price": "200"})
            lowest.append(answer.json["lowest_price_30_days"])

        assert lowest == ["100.00", "60.00", "60.00", "80.00", "80.00", "90.00"]

    @pytest.mark.parametrize(
        ("writes", "lowest"),
        [
            ([{"sale_price": "70"}, {"sale_price": "60"}], "70.00"),
            ([{"sale_price": "70"}, {"sale_price": "75"}], "70.00"),
            ([{"sale_price": "70"}, {"sale_price": None}, {"sale_price": "90"}], "70.00"),
            ([{"sale_price": "70"}, {"price": "150"}], "100.00"),
            ([{"price": "120", "sale_price": "100"}], "100.00"),
            ([{"price": "120"}, {"price": "150", "sale_price": "120"}], "100.00"),
            ([{"compare_at_price": "150"}], "100.00"),
            ([{"price": "80"}, {"compare_at_price": "150"}], "80.00"),
            ([{"price": "80", "compare_at_price": "150"}, {"compare_at_price": "160"}], "100.00"),
        ],
    )
    def test_shows_what_was_asked_least_whatever_staff_did(
        self, staff: Visitor, clock: list[datetime], writes: Any, lowest: str
    ) -> None:
        make(staff)

        for facts in writes:
            clock[0] += DAY
            answer = staff.patch("/products/mug", facts)

        assert (answer.json["on_sale"], answer.json["lowest_price_30_days"]) == (True, lowest)

    @pytest.mark.parametrize(
        ("writes", "lowest"),
        [
            ([("product", {"price": "50"}), ("product", {"price": "100"})], "50.00"),
            ([("variant", {"price": "70"}), ("variant", {"price": None})], "70.00"),
            ([("variant", {"price": "120"})], "100.00"),
        ],
    )
    def test_of_a_variant_knows_what_it_cost_with_its_product(
        self, staff: Visitor, clock: list[datetime], writes: Any, lowest: str
    ) -> None:
        product = make(staff)
        paths = {"product": "/products/mug", "variant": f"/variants/{first_variant(product)}"}
        sale = ("variant", {"price": "110", "sale_price": "90"})

        for what, facts in [*writes, ("product", {"price": "130"}), sale]:
            clock[0] += DAY
            answer = staff.patch(paths[what], facts)

        assert answer.json["lowest_price_30_days"] == lowest

    def test_tells_nothing_where_nothing_is_on_sale(
        self, staff: Visitor, clock: list[datetime]
    ) -> None:
        make(staff)

        reduced = staff.patch("/products/mug", {"price": "80.00"}).json

        assert (reduced["on_sale"], reduced["lowest_price_30_days"]) == (False, None)

    def test_is_a_page_for_the_staff(self, staff: Visitor, shop: Shop) -> None:
        make(staff)

        assert staff.get("/products/mug/prices?page=9").json["results"] == []
        assert staff.get("/products/nothing/prices").status_code == 404
        assert shop.visitor().get("/products/mug/prices").status_code == 401

    def test_can_be_walked_by_cursor(self, staff: Visitor, clock: list[datetime]) -> None:
        make(staff)
        for price in ("90.00", "80.00"):
            staff.patch("/products/mug", {"price": price})
            clock[0] += DAY

        first = staff.get("/products/mug/prices?page_size=2&cursor=").json
        second = staff.get(f"/products/mug/prices?{first['next'].partition('?')[2]}").json

        walked = [it["price"] for it in first["results"] + second["results"]]
        assert (walked, second["next"]) == (["80.00", "90.00", "100.00"], None)
