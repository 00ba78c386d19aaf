"""A product with its variants and options, said in one call."""

from typing import Any
from uuid import UUID

import pytest

from nexus.domain.shared import new_id
from tests.contracts.inventory import reserve
from tests.integration.catalogue import make
from tests.integration.exchange import imported
from tests.integration.shop import Shop, Visitor

SIZES = [{"sku": f"TEE-{it}", "options": {"size": it}, "stock": 2} for it in "SML"]


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


@pytest.fixture
def tee(staff: Visitor) -> Any:
    return make(staff, "Tee", variants=SIZES)


def said_of(product: Any, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(it[name] for name in names) for it in product["variants"]]


class TestPatch:
    def test_changes_those_that_are_named_and_adds_the_rest(
        self, staff: Visitor, tee: Any, shop: Shop
    ) -> None:
        small = tee["variants"][0]
        body = [
            {"id": small["id"], "price": "90.00"},
            {"sku": "TEE-M", "stock": 7},
            {"sku": "TEE-XL", "options": {"size": "XL"}, "stock": 1},
        ]

        answer = staff.patch("/products/tee", {"brand": "Habesha", "variants": body})

        assert answer.status_code == 200
        assert said_of(answer.json, "sku", "price", "stock") == [
            ("TEE-S", "90.00", 2),
            ("TEE-M", None, 7),
            ("TEE-L", None, 2),
            ("TEE-XL", None, 1),
        ]
        assert (answer.json["brand"], answer.json["stock"]) == ("Habesha", 12)
        assert answer.json["options"] == [{"name": "size", "values": ["S", "M", "L", "XL"]}]
        for _, id_ in said_of(answer.json, "sku", "id"):
            shop.level(UUID(id_))

    def test_writes_what_was_counted_into_the_ledger(self, staff: Visitor, tee: Any) -> None:
        medium = tee["variants"][1]["id"]

        staff.patch("/products/tee", {"variants": [{"sku": "TEE-M", "stock": 7}]})

        latest = staff.get(f"/variants/{medium}/stock/movements").json["results"][0]
        assert (latest["delta"], latest["reason"]) == (5, "correction")
        assert latest["actor_id"] == staff.get("/users/me").json["id"]

    def test_leaves_alone_what_is_already_as_it_is_said(
        self, staff: Visitor, tee: Any, shop: Shop
    ) -> None:
        same = [{"sku": it["sku"], "options": it["options"]} for it in tee["variants"]]

        staff.patch("/products/tee", {"variants": [*same[:2], {"sku": "TEE-L", "name": "Large"}]})

        assert shop.one("SELECT count(*) FROM variants WHERE version > 0")[0] == 1

    def test_lets_variants_take_each_others_place(self, staff: Visitor, tee: Any) -> None:
        ids = [it["id"] for it in tee["variants"]]
        body = [
            {"id": id_, "sku": f"TEE-{size}", "options": {"size": size}}
            for id_, size in zip(ids, "MLS", strict=True)
        ]

        answer = staff.patch("/products/tee", {"variants": body})

        shown = said_of(answer.json, "id", "sku", "options")
        assert shown == [tuple(it.values()) for it in body]

    def test_says_the_options_anew(self, staff: Visitor, tee: Any) -> None:
        options = [{"name": "size", "values": ["L", "M", "S", "XS"]}]

        told = staff.patch("/products/tee", {"options": options}).json["options"]
        refused = staff.patch("/products/tee", {"options": [{"name": "colour", "values": []}]})

        assert told == options
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["options"])

    def test_lets_what_is_not_sold_have_options_that_there_are_no_more(
        self, staff: Visitor, tee: Any, shop: Shop
    ) -> None:
        large = f"/variants/{tee['variants'][2]['id']}"
        staff.patch(large, {"is_active": False})
        colours = {"TEE-S": "red", "TEE-M": "blue"}
        variants = [{"sku": it, "options": {"colour": colours[it]}} for it in colours]
        options = [{"name": "colour", "values": []}]
        staff.patch("/products/tee", {"options": options, "variants": variants})

        kept = staff.patch(large, {"low_stock_threshold": 3})
        sold = staff.patch(large, {"is_active": True})
        green = imported(shop, staff, ["sku", "option:colour"], ["TEE-S", "green"])

        assert kept.status_code == 200
        assert (sold.status_code, list(sold.json["errors"])) == (422, ["options"])
        assert green["counts"] == {"changed": 1}
        (colour,) = staff.get("/products/tee").json["options"]
        assert colour == {"name": "colour", "values": ["red", "blue", "green"]}

    @pytest.mark.parametrize(
        ("variants", "field"),
        [
            ([{"sku": "TEE-S"}, {"id": str(new_id())}], "variants.1.id"),
            ([{"sku": "TEE-S"}, {"sku": "TEE-S"}], "variants.1.sku"),
            ([{"sku": "A"}, {"sku": "A", "options": {"size": "A"}}], "variants.1.sku"),
            ([{"sku": "TEE-S", "options": {"size": "M"}}], "variants.0.options"),
            ([{"sku": "TEE-S"}, {"sku": "N", "price": "-1"}], "variants.1.price"),
            ([{"sku": "TEE-S"}, {"sku": "N", "sale_price": "1"}], "variants.1.sale_price"),
            ([{"sku": "TEE-S", "sale_price": "1"}], "variants.0.sale_price"),
            ([{"sku": "TEE-S", "colour": "red"}], "variants.0.colour"),
            ([{"sku": "TEE-S"}, {"sku": "N", "options": {"colour": "red"}}], "variants.1.options"),
            ([{"sku": "TEE-S", "options": {"colour": "red"}}], "variants.0.options"),
        ],
    )
    def test_names_the_variant_that_cannot_be_meant(
        self, staff: Visitor, tee: Any, variants: list[dict[str, Any]], field: str
    ) -> None:
        answer = staff.patch("/products/tee", {"brand": "A", "variants": variants})

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
        assert staff.get("/products/tee").json == tee

    def test_asks_for_stock_with_each_variant(self, staff: Visitor, tee: Any) -> None:
        answer = staff.patch("/products/tee", {"stock": 1, "variants": [{"sku": "TEE-S"}]})

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["stock"])

    def test_takes_no_sku_of_another_product(self, staff: Visitor, tee: Any) -> None:
        make(staff, sku="MUG")

        answer = staff.patch(
            "/products/tee", {"variants": [{"sku": "MUG", "options": {"size": "XL"}}]}
        )

        told = (answer.status_code, answer.json["code"], answer.json["field"])
        assert told == (409, "already_exists", "sku")

    def test_never_counts_below_what_is_promised(
        self, staff: Visitor, tee: Any, shop: Shop
    ) -> None:
        small = UUID(tee["variants"][0]["id"])
        reserve(shop.container.work, {small: 2})
        body = [{"sku": "TEE-M", "stock": 9}, {"sku": "TEE-S", "stock": 1}]

        answer = staff.patch("/products/tee", {"variants": body})

        assert (answer.status_code, answer.json["code"]) == (409, "stock_committed")
        assert staff.get("/products/tee").json["stock"] == 6

    def test_of_five_hundred_takes_as_many_statements_as_of_one(
        self, staff: Visitor, shop: Shop
    ) -> None:
        many = [{"sku": f"N-{it}", "options": {"no": str(it)}} for it in range(500)]
        make(staff, variants=many)
        sent = []

        for some in (many[:1], many):
            body = [{"sku": it["sku"], "price": f"{len(some)}.00", "stock": 3} for it in some]
            with shop.statements() as statements:
                assert staff.patch("/products/mug", {"variants": body}).status_code == 200
            sent.append(len(statements))

        assert sent[0] == sent[1] <= 20


class TestPut:
    def test_keeps_those_alone_that_are_named(self, staff: Visitor, tee: Any) -> None:
        variants = [
            {"sku": "TEE-XL", "options": {"size": "XL"}, "stock": 4},
            {"sku": "TEE-M", "options": {"size": "M"}},
        ]

        answer = staff.call(
            "PUT", "/products/tee", {"name": "Tee", "price": "50.00", "variants": variants}
        )

        assert said_of(answer.json, "sku", "stock") == [("TEE-XL", 4), ("TEE-M", 2)]
        assert staff.get(f"/variants/{tee['variants'][0]['id']}").status_code == 404

    def test_gives_the_options_of_one_to_another(self, staff: Visitor, tee: Any) -> None:
        body = [{"sku": "NEW", "options": {"size": "S"}}, {"sku": "TEE-M"}]

        answer = staff.call(
            "PUT", "/products/tee", {"name": "Tee", "price": "50.00", "variants": body}
        )

        assert said_of(answer.json, "sku", "options") == [
            ("NEW", {"size": "S"}),
            ("TEE-M", {"size": "M"}),
        ]

    def test_stops_selling_what_was_ordered(self, staff: Visitor, tee: Any, shop: Shop) -> None:
        reserve(shop.container.work, {UUID(tee["variants"][0]["id"]): 1})

        answer = staff.call(
            "PUT",
            "/products/tee",
            {"name": "Tee", "price": "50.00", "variants": [{"sku": "TEE-M"}]},
        )

        shown = sorted(said_of(answer.json, "sku", "is_active"))
        assert shown == [("TEE-M", True), ("TEE-S", False)]

    def test_leaves_the_variants_where_it_names_none(self, staff: Visitor, tee: Any) -> None:
        body = {"name": "Tee", "price": "100.00"}

        kept = staff.call("PUT", "/products/tee", body).json
        refused = staff.call("PUT", "/products/tee", body | {"variants": []})

        assert said_of(kept, "sku") == said_of(tee, "sku")
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["variants"])

    def test_holds_only_for_what_was_seen(self, staff: Visitor, tee: Any) -> None:
        tag = staff.get("/products/tee").headers["ETag"]
        staff.patch(f"/variants/{tee['variants'][0]['id']}", {"price": "1.00"})

        answer = staff.patch("/products/tee", {"variants": [{"sku": "TEE-M"}]}, If_Match=tag)

        assert answer.status_code == 412
