from typing import Any

import pytest

from tests.integration.shop import Shop, Visitor


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


def make(staff: Visitor, name: str, **facts: object) -> Any:
    answer = staff.post("/categories", {"name": name, **facts})
    assert answer.status_code == 201, answer.text
    return answer.json


class TestCreateCategory:
    def test_makes_a_slug_from_the_name(self, staff: Visitor) -> None:
        slugs = [make(staff, "Phones & Tablets")["slug"] for _ in range(3)]

        assert slugs == ["phones-tablets", "phones-tablets-2", "phones-tablets-3"]

    def test_takes_a_name_in_amharic(self, staff: Visitor, shop: Shop) -> None:
        made = make(staff, "የቤት ዕቃዎች")

        assert made["slug"] == "የቤት-ዕቃዎች"
        assert shop.visitor().get(f"/categories/{made['slug']}").json["id"] == made["id"]

    def test_refuses_a_slug_that_is_taken(self, staff: Visitor) -> None:
        make(staff, "Phones", slug="phones")

        answer = staff.post("/categories", {"name": "Other", "slug": "phones"})

        assert answer.status_code == 409
        assert (answer.json["code"], answer.json["field"]) == ("already_exists", "slug")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "name"),
            ({"name": " "}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"name": "A", "slug": "s" * 10_000}, "slug"),
            ({"name": "A", "slug": "no spaces"}, "slug"),
            ({"name": "A", "slug": "550e8400-e29b-41d4-a716-446655440000"}, "slug"),
            ({"name": "A", "parent_id": "nothing"}, "parent_id"),
            ({"name": "A", "position": 2**40}, "position"),
            ({"name": "A", "image_url": "javascript:alert(1)"}, "image_url"),
            ({"name": "A", "colour": "red"}, "colour"),
        ],
    )
    def test_refuses_what_cannot_be_meant(
        self, staff: Visitor, body: dict[str, object], field: str
    ) -> None:
        answer = staff.post("/categories", body)

        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])

    def test_is_for_the_staff(self, shop: Shop) -> None:
        assert shop.visitor().post("/categories", {"name": "A"}).status_code == 401
        assert shop.customer().post("/categories", {"name": "A"}).status_code == 403


class TestTree:
    def test_nests_children_in_order(self, staff: Visitor, shop: Shop) -> None:
        make(staff, "Home", position=2)
        make(staff, "Electronics", position=1)
        make(staff, "Phones", parent_id="electronics")

        tree = shop.visitor().get("/categories?tree=true").json

        assert [it["name"] for it in tree] == ["Electronics", "Home"]
        assert [it["name"] for it in tree[0]["children"]] == ["Phones"]

    def test_counts_products_below(self, staff: Visitor, shop: Shop) -> None:
        make(staff, "Electronics")
        make(staff, "Phones", parent_id="electronics")
        staff.post("/products", {"name": "Phone", "price": 1, "category": "phones"})
        staff.post(
            "/products", {"name": "Draft", "price": 1, "category": "phones", "status": "draft"}
        )

        with shop.statements() as sent:
            found = shop.visitor().get("/categories").json

        assert {it["slug"]: it["product_count"] for it in found} == {"electronics": 1, "phones": 1}
        assert len(sent) == 1

    def test_hides_what_lies_below_a_hidden_one(self, staff: Visitor, shop: Shop) -> None:
        make(staff, "Cellar", is_active=False)
        make(staff, "Wine", parent_id="cellar")

        assert shop.visitor().get("/categories").json == []
        assert shop.visitor().get("/categories/wine").status_code == 404
        assert len(staff.get("/categories").json) == 2


class TestMoveCategory:
    def test_takes_everything_along(self, staff: Visitor, shop: Shop) -> None:
        for name, parent in (("A", None), ("B", "a"), ("C", "b"), ("D", None)):
            make(staff, name, parent_id=parent)
        staff.post("/products", {"name": "Mug", "price": 1, "category": "c"})

        assert staff.patch("/categories/b", {"parent_id": "d"}).status_code == 200

        counts = {it["slug"]: it["product_count"] for it in staff.get("/categories").json}
        assert counts == {"a": 0, "b": 1, "c": 1, "d": 1}
        assert shop.visitor().get("/products?category=a").json["count"] == 0
        assert shop.visitor().get("/products?category=d").json["count"] == 1

    @pytest.mark.parametrize("parent", ["a", "b"])
    def test_refuses_a_cycle(self, staff: Visitor, parent: str) -> None:
        make(staff, "A")
        make(staff, "B", parent_id="a")

        answer = staff.patch("/categories/a", {"parent_id": parent})

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["parent_id"])

    def test_goes_no_deeper_than_it_can(self, staff: Visitor) -> None:
        parent = None
        for number in range(32):
            parent = make(staff, f"Level {number}", parent_id=parent)["id"]

        answer = staff.post("/categories", {"name": "Too deep", "parent_id": parent})
        make(staff, "Top")
        moved = staff.patch("/categories/level-0", {"parent_id": "top"})

        assert [(it.status_code, list(it.json["errors"])) for it in (answer, moved)] == [
            (422, ["parent_id"])
        ] * 2


class TestRemoveCategory:
    def test_refuses_one_with_something_in_it(self, staff: Visitor) -> None:
        make(staff, "A")
        make(staff, "B", parent_id="a")

        answer = staff.delete("/categories/a")

        assert (answer.status_code, answer.json["code"]) == (409, "category_not_empty")

    def test_hands_what_is_in_it_to_another(self, staff: Visitor) -> None:
        for name in ("A", "B"):
            make(staff, name)
        make(staff, "C", parent_id="a")
        staff.post("/products", {"name": "Mug", "price": 1, "category": "a"})

        assert staff.delete("/categories/a?reassign_to=b").status_code == 204

        assert staff.get("/categories/a").status_code == 404
        assert staff.get("/products/mug").json["category"]["slug"] == "b"
        counts = {it["slug"]: it["product_count"] for it in staff.get("/categories").json}
        assert counts == {"b": 1, "c": 0}

    @pytest.mark.parametrize("heir", ["nothing", "a", "b"])
    def test_refuses_an_heir_that_would_go_with_it(self, staff: Visitor, heir: str) -> None:
        make(staff, "A")
        make(staff, "B", parent_id="a")

        answer = staff.delete(f"/categories/a?reassign_to={heir}")

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["reassign_to"])


class TestFreshness:
    def test_saves_the_way_for_who_has_it_already(self, staff: Visitor, shop: Shop) -> None:
        make(staff, "A")
        guest = shop.visitor()
        first = guest.get("/categories")
        tag = first.headers["ETag"]

        assert guest.get("/categories", If_None_Match=tag).status_code == 304
        assert "public" in first.headers["Cache-Control"]
        make(staff, "B")
        assert guest.get("/categories", If_None_Match=tag).status_code == 200

    def test_refuses_an_edit_of_what_has_changed_since(self, staff: Visitor) -> None:
        make(staff, "A")
        tag = staff.get("/categories/a").headers["ETag"]

        assert staff.patch("/categories/a", {"position": 1}, If_Match=tag).status_code == 200
        assert staff.patch("/categories/a", {"position": 2}, If_Match=tag).status_code == 412
        assert staff.patch("/categories/a", {"position": 2}, If_Match="*").status_code == 200
