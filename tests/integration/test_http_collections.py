from typing import Any

import pytest

from nexus.domain.shared import new_id
from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


def collect(staff: Visitor, name: str = "Gifts", **facts: Any) -> Any:
    answer = staff.post("/collections", {"name": name, **facts})
    assert answer.status_code == 201, answer.text
    return answer.json


def choose(staff: Visitor, *products: Any, collection: str = "gifts") -> Any:
    body = {"product_ids": [it["id"] for it in products]}
    return staff.call("PUT", f"/collections/{collection}/products", body)


def names(visitor: Visitor, path: str = "/collections/gifts/products") -> list[str]:
    answer = visitor.get(path)
    assert answer.status_code == 200, answer.text
    return [it["name"] for it in answer.json["results"]]


class TestCollections:
    def test_are_listed_in_order(self, staff: Visitor, shop: Shop) -> None:
        collect(staff, "Later", position=2)
        collect(staff, "Hidden", is_active=False)
        collect(staff, "Sooner", position=1)

        with shop.statements() as sent:
            found = shop.visitor().get("/collections").json

        assert [it["slug"] for it in found] == ["sooner", "later"]
        assert len(sent) == 1
        assert len(staff.get("/collections").json) == 3

    def test_show_all_that_was_said_of_them(self, staff: Visitor, shop: Shop) -> None:
        rule = {
            "match": "any",
            "conditions": [
                {"tag": "gift", "min_price": "100.00", "attributes": {"roast": "dark"}},
                {"on_sale": True, "created_within_days": 30, "min_rating": 4.5},
            ],
        }
        made = collect(staff, description="For others", meta_title="Gifts", rule=rule)

        shown = shop.visitor().get("/collections/gifts").json

        assert shown == made
        assert (shown["kind"], shown["rule"]) == ("rule", rule)

    def test_are_changed_by_who_saw_the_latest(self, staff: Visitor) -> None:
        collect(staff)
        seen = staff.get("/collections/gifts").headers["ETag"]

        first = staff.patch("/collections/gifts", {"name": "Presents"}, If_Match=seen)
        second = staff.patch("/collections/gifts", {"name": "Other"}, If_Match=seen)

        assert (first.json["name"], second.status_code) == ("Presents", 412)

    def test_go_without_their_products(self, staff: Visitor, shop: Shop) -> None:
        collect(staff)
        choose(staff, make(staff))

        assert staff.delete("/collections/gifts").status_code == 204

        assert shop.visitor().get("/collections/gifts").status_code == 404
        assert shop.visitor().get("/products/mug").status_code == 200

    @pytest.mark.parametrize(
        ("condition", "field"),
        [
            ({}, "rule.conditions.0"),
            ({"colour": "red"}, "rule.conditions.0.colour"),
            ({"min_price": -1}, "rule.conditions.0.min_price"),
            ({"created_within_days": 0}, "rule.conditions.0.created_within_days"),
            ({"attributes": {"a": 1}}, "rule.conditions.0.attributes.a.value"),
        ],
    )
    def test_refuse_rules_that_cannot_be_meant(
        self, staff: Visitor, condition: dict[str, Any], field: str
    ) -> None:
        answer = staff.post("/collections", {"name": "A", "rule": {"conditions": [condition]}})

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "name"),
            ({"name": "A", "slug": "no spaces"}, "slug"),
            ({"name": "A", "rule": {"conditions": []}}, "rule.conditions"),
            ({"name": "A", "rule": {"match": "some", "conditions": [{"tag": "a"}]}}, "rule.match"),
            ({"name": "A", "kind": "rule"}, "kind"),
        ],
    )
    def test_refuse_what_cannot_be_meant(
        self, staff: Visitor, body: dict[str, Any], field: str
    ) -> None:
        answer = staff.post("/collections", body)

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])

    def test_have_slugs_of_their_own(self, staff: Visitor) -> None:
        assert [collect(staff)["slug"] for _ in range(2)] == ["gifts", "gifts-2"]

        answer = staff.post("/collections", {"name": "A", "slug": "gifts"})

        assert (answer.status_code, answer.json["field"]) == (409, "slug")


class TestChosen:
    def test_stand_in_the_order_of_choosing(self, staff: Visitor, shop: Shop) -> None:
        collect(staff)
        mug, cup, pot = (make(staff, it) for it in ("Mug", "Cup", "Pot"))

        assert choose(staff, pot, mug, cup).json["kind"] == "manual"

        assert names(shop.visitor()) == ["Pot", "Mug", "Cup"]
        assert names(shop.visitor(), "/collections/gifts/products?ordering=name") == [
            *("Cup", "Mug", "Pot")
        ]

    def test_come_and_go_one_by_one(self, staff: Visitor, shop: Shop) -> None:
        collect(staff)
        choose(staff, make(staff, "Mug"))
        make(staff, "Cup")

        for _ in range(2):
            assert staff.post("/collections/gifts/products/cup").status_code == 204
        assert names(shop.visitor()) == ["Mug", "Cup"]
        assert staff.delete("/collections/gifts/products/mug").status_code == 204

        assert names(shop.visitor()) == ["Cup"]
        assert staff.delete("/collections/gifts/products/mug").status_code == 404

    def test_go_only_from_what_was_seen(self, staff: Visitor, shop: Shop) -> None:
        collect(staff)
        seen = staff.get("/collections/gifts").headers["ETag"]
        choose(staff, make(staff, "Mug"), make(staff, "Cup"))

        refused = staff.delete("/collections/gifts/products/mug", If_Match=seen)

        assert (refused.status_code, names(shop.visitor())) == (412, ["Mug", "Cup"])

    def test_are_shown_while_they_are_active(self, staff: Visitor, shop: Shop) -> None:
        collect(staff)
        choose(staff, make(staff, "Mug"), make(staff, "Cup", status="draft"))

        assert names(shop.visitor()) == ["Mug"]
        assert names(staff) == ["Mug", "Cup"]

    def test_are_walked_through(self, staff: Visitor, shop: Shop) -> None:
        collect(staff)
        choose(staff, *(make(staff, f"Mug {it}") for it in "edcba"))
        walked, path = [], "/collections/gifts/products?page_size=2&cursor="

        while path:
            page = shop.visitor().get(path).json
            walked += [it["name"] for it in page["results"]]
            path = (page["next"] or "").partition("/api/v1")[2]

        assert walked == [f"Mug {it}" for it in "edcba"]
        second = shop.visitor().get("/collections/gifts/products?page_size=2&page=2").json
        assert (second["count"], [it["name"] for it in second["results"]]) == (
            *(5, ["Mug c", "Mug b"]),
        )

    def test_are_refused_where_there_are_none(self, staff: Visitor) -> None:
        collect(staff)

        answer = choose(staff, make(staff), {"id": str(new_id())})

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["product_ids.1"])

    def test_are_refused_where_a_rule_chooses(self, staff: Visitor) -> None:
        collect(staff, rule={"conditions": [{"tag": "gift"}]})
        mug = make(staff)

        for answer in (choose(staff, mug), staff.post("/collections/gifts/products/mug")):
            assert (answer.status_code, answer.json["code"]) == (409, "collection_has_rule")

    def test_take_two_statements_a_page(self, staff: Visitor, shop: Shop) -> None:
        collect(staff)
        choose(staff, *(make(staff, f"Mug {it}") for it in "abc"))

        with shop.statements() as sent:
            names(shop.visitor())

        assert len(sent) <= 3

    def test_of_one_walk_are_not_those_of_another(self, staff: Visitor, shop: Shop) -> None:
        collect(staff)
        collect(staff, "Others", rule={"conditions": [{"max_price": "500.00"}]})
        choose(staff, *(make(staff, f"Mug {it}") for it in "abc"))
        ways = ["/collections/gifts/products", "/collections/others/products"]

        for here, there in (ways, ways[::-1]):
            begun = shop.visitor().get(f"{here}?page_size=1&cursor=").json
            cursor = begun["next"].partition("cursor=")[2]
            answer = shop.visitor().get(f"{there}?page_size=1&cursor={cursor}")
            assert (answer.status_code, list(answer.json["errors"])) == (422, ["cursor"])


class TestRules:
    @pytest.fixture(autouse=True)
    def goods(self, staff: Visitor) -> None:
        staff.post("/categories", {"name": "Home"})
        staff.post("/categories", {"name": "Kitchen", "parent_id": "home"})
        make(staff, "Mug", "100.00", tags=["gift"], category="kitchen", brand="Sheba")
        make(staff, "Cup", "200.00", tags=["gift", "new"], attributes={"colour": "red"})
        make(staff, "Pot", "900.00", is_featured=True, compare_at_price="1000.00", stock=3)
        make(staff, "Lid", "50.00", status="draft", tags=["gift"])

    @pytest.mark.parametrize(
        ("rule", "found"),
        [
            ({"conditions": [{"tag": "gift"}]}, {"Mug", "Cup"}),
            ({"conditions": [{"tag": "gift"}, {"tag": "new"}]}, {"Cup"}),
            ({"match": "any", "conditions": [{"tag": "new"}, {"featured": True}]}, {"Cup", "Pot"}),
            ({"conditions": [{"category": "home"}]}, {"Mug"}),
            ({"conditions": [{"category": "nothing"}]}, set()),
            ({"conditions": [{"brand": "sheba"}]}, {"Mug"}),
            ({"conditions": [{"attributes": {"colour": "red"}}]}, {"Cup"}),
            ({"conditions": [{"min_price": "150.00", "max_price": 300}]}, {"Cup"}),
            ({"conditions": [{"on_sale": True}]}, {"Pot"}),
            ({"conditions": [{"in_stock": True}]}, {"Pot"}),
            ({"conditions": [{"created_within_days": 1}]}, {"Mug", "Cup", "Pot"}),
            ({"conditions": [{"min_rating": 4}]}, set()),
            (
                {
                    "match": "any",
                    "conditions": [
                        {"category": "kitchen", "max_price": "99.00"},
                        {"max_price": "250.00", "attributes": {"colour": "red"}},
                        {"min_price": "899.00"},
                    ],
                },
                {"Cup", "Pot"},
            ),
        ],
    )
    def test_choose_what_fits(
        self, staff: Visitor, shop: Shop, rule: dict[str, Any], found: set[str]
    ) -> None:
        collect(staff, rule=rule)

        assert set(names(shop.visitor())) == found
        assert set(names(shop.visitor(), "/products?collection=gifts")) == found

    @pytest.mark.parametrize("ordering", ["", "price", "-price", "name,-price"])
    def test_that_overlap_show_each_product_once(
        self, staff: Visitor, shop: Shop, ordering: str
    ) -> None:
        conditions = [{"tag": "gift"}, {"tag": "new"}, {"max_price": "150.00"}, {"featured": True}]
        collect(staff, rule={"match": "any", "conditions": conditions})
        path = f"/collections/gifts/products?page_size=2&ordering={ordering}"
        whole = names(shop.visitor(), f"/products?ordering={ordering}")
        assert len(whole) == 3

        pages = [shop.visitor().get(f"{path}&page={page}").json for page in (1, 2)]
        walked, link = [], f"{path}&cursor="
        while link:
            answer = shop.visitor().get(link).json
            walked += [it["name"] for it in answer["results"]]
            link = (answer["next"] or "").partition("/api/v1")[2]

        assert [it["name"] for page in pages for it in page["results"]] == whole
        assert [it["count"] for it in pages] == [3, 3]
        assert walked == whole

    def test_go_with_every_other_filter(self, staff: Visitor, shop: Shop) -> None:
        collect(staff, rule={"conditions": [{"tag": "gift"}]})
        either = [{"brand": "sheba"}, {"tag": "gift"}, {"tag": "new"}]
        collect(staff, "Either", rule={"match": "any", "conditions": either})
        collect(staff, "Chosen")
        choose(staff, staff.get("/products/cup").json, collection="chosen")

        for asked, found in {
            "collection=gifts&max_price=150": ["Mug"],
            "collection=gifts&ordering=-price": ["Cup", "Mug"],
            "collection=gifts&search=cup": ["Cup"],
            "collection=gifts&tag=new": ["Cup"],
            "collection=gifts&category=kitchen": ["Mug"],
            "collection=either&max_price=150": ["Mug"],
            "collection=either&search=cup": ["Cup"],
            "collection=either&category=kitchen": ["Mug"],
            "collection=either&tag=new&ordering=price": ["Cup"],
            "collection=chosen": ["Cup"],
            "collection=chosen&search=mug": [],
            "collection=nothing": [],
        }.items():
            assert names(shop.visitor(), f"/products?{asked}") == found, asked

    @pytest.mark.parametrize(
        ("collection", "branded"),
        [("gifts", True), ("either", True), ("chosen", False), ("nothing", False)],
    )
    def test_are_known_to_the_facets(
        self, staff: Visitor, shop: Shop, collection: str, branded: bool
    ) -> None:
        collect(staff, rule={"conditions": [{"tag": "gift"}]})
        either = [{"tag": "gift"}, {"max_price": "150.00"}]
        collect(staff, "Either", rule={"match": "any", "conditions": either})
        collect(staff, "Chosen")
        choose(staff, staff.get("/products/cup").json, collection="chosen")

        answer = shop.visitor().get(f"/products/facets?collection={collection}")

        brands = [it["values"] for it in answer.json if it["name"] == "brand"]
        assert brands == ([[{"value": "Sheba", "label": "Sheba", "count": 1}]] if branded else [])

    def test_of_what_is_hidden_are_the_staffs(self, staff: Visitor, shop: Shop) -> None:
        collect(staff, rule={"conditions": [{"tag": "gift"}]}, is_active=False)

        assert shop.visitor().get("/collections/gifts/products").status_code == 404
        assert names(shop.visitor(), "/products?collection=gifts") == []
        assert set(names(staff)) == {"Mug", "Cup", "Lid"}

    def test_are_seen_at_once(self, staff: Visitor, shop: Shop) -> None:
        collect(staff, rule={"conditions": [{"tag": "gift"}]})
        assert set(names(shop.visitor())) == {"Mug", "Cup"}

        staff.patch("/products/mug", {"tags": []})
        staff.patch("/collections/gifts", {"rule": None})
        choose(staff, staff.get("/products/pot").json)

        assert names(shop.visitor()) == ["Pot"]
