import pytest

from nexus.domain.shared import new_id
from tests.contracts.inventory import reserve
from tests.integration.catalogue import first_variant, make
from tests.integration.shop import Shop, Visitor

RED = {"colour": "red"}
SIZES = {"name": "size", "values": ["S", "M"]}


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


class TestCreateProduct:
    def test_needs_a_name_and_a_price_alone(self, staff: Visitor, shop: Shop) -> None:
        answer = staff.post("/products", {"title": "Coffee ቡና", "price": 1299.9, "stock": 15})

        made = answer.json
        assert (answer.status_code, made["slug"], made["price"]) == (201, "coffee-ቡና", "1299.90")
        assert answer.headers["Location"].endswith(f"/products/{made['id']}")
        assert (made["stock"], made["in_stock"], len(made["variants"])) == (15, True, 1)
        assert (made["status"], made["is_active"], made["rating_average"]) == ("active", True, None)
        assert shop.visitor().get(answer.headers["Location"].removeprefix("/api/v1")).json == made

    def test_writes_the_opening_stock_into_the_ledger(self, staff: Visitor) -> None:
        variant_id = first_variant(make(staff, stock=15))

        (movement,) = staff.get(f"/variants/{variant_id}/stock/movements").json["results"]

        assert (movement["reason"], movement["delta"], movement["on_hand_after"]) == (
            "received",
            15,
            15,
        )

    def test_makes_no_default_variant_beside_given_ones(self, staff: Visitor) -> None:
        sizes = [{"options": {"size": size}, "stock": 2, "sku": f"TEE-{size}"} for size in "SM"]

        made = make(staff, "Tee", options=[{"name": "size", "values": ["S"]}], variants=sizes)

        assert [it["sku"] for it in made["variants"]] == ["TEE-S", "TEE-M"]
        assert made["options"] == [{"name": "size", "values": ["S", "M"]}]
        assert (made["sku"], made["stock"]) == ("TEE-S", 4)

    def test_gives_every_product_a_slug_of_its_own(self, staff: Visitor) -> None:
        assert [make(staff)["slug"] for _ in range(2)] == ["mug", "mug-2"]

    def test_puts_the_primary_category_first(self, staff: Visitor) -> None:
        ids = [staff.post("/categories", {"name": name}).json["id"] for name in "AB"]

        made = make(staff, category="b", category_ids=ids)

        assert made["category"]["slug"] == "b"
        assert [it["slug"] for it in made["categories"]] == ["b", "a"]

    @pytest.mark.parametrize(("body", "field"), [({"slug": "mug"}, "slug"), ({"sku": "M"}, "sku")])
    def test_names_what_is_taken(self, staff: Visitor, body: dict[str, str], field: str) -> None:
        make(staff, slug="mug", sku="M")

        answer = staff.post("/products", {"name": "Other", "price": 1} | body)

        assert (answer.status_code, answer.json["code"]) == (409, "already_exists")
        assert answer.json["field"] == field

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"price": "1.999"}, "price"),
            ({"price": "-1"}, "price"),
            ({"price": "1e3"}, "price"),
            ({"price": True}, "price"),
            ({"price": "9" * 30}, "price"),
            ({"price": 10**15}, "price"),
            ({"price": None}, "price"),
            ({"name": ""}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"title": "Both"}, "title"),
            ({"slug": "s" * 10_000}, "slug"),
            ({"compare_at_price": "0.001"}, "compare_at_price"),
            ({"status": "gone"}, "status"),
            ({"status": "draft", "is_active": True}, "is_active"),
            ({"stock": -1}, "stock"),
            ({"stock": 1.5}, "stock"),
            ({"stock": 2**31}, "stock"),
            ({"category": "nothing"}, "category"),
            ({"category_ids": [str(new_id())]}, "category_ids.0"),
            ({"category_id": 5}, "category_id"),
            ({"weight_grams": "2"}, "weight_grams"),
            ({"tags": ["x" * 61]}, "tags.0"),
            ({"attributes": ["a"]}, "attributes"),
            ({"dimensions": {"height": 0}}, "dimensions.height"),
            ({"dimensions": {"height": "9"}}, "dimensions.height"),
            ({"dimensions": {"tallness": 9}}, "dimensions.tallness"),
            ({"dimensions": {"unit": "feet"}}, "dimensions.unit"),
            ({"options": [SIZES, SIZES]}, "options"),
            (
                {"variants": [{"options": {"a": "1"}}, {"options": {"a": "1"}}]},
                "variants.1.options",
            ),
            (
                {"options": [SIZES], "variants": [{}, {"options": {"colour": "red"}}]},
                "variants.1.options",
            ),
            ({"variants": [{"price": "0.001"}]}, "variants.0.price"),
            ({"stock": 1, "variants": [{}]}, "stock"),
            ({"rating_average": 5}, "rating_average"),
        ],
    )
    def test_refuses_what_cannot_be_meant_and_changes_nothing(
        self, staff: Visitor, shop: Shop, body: dict[str, object], field: str
    ) -> None:
        answer = staff.post("/products", {"name": "Mug", "price": "1.00"} | body)

        assert (answer.status_code, list(answer.json.get("errors", ()))) == (422, [field])
        assert shop.one("SELECT count(*) FROM products")[0] == 0

    def test_keeps_its_measures_as_they_were_said(self, staff: Visitor) -> None:
        said = {"length": 30, "width": 20.5, "height": 4, "unit": "cm"}

        made = make(staff, dimensions=said, weight_grams=450)

        assert (made["dimensions"], made["weight_grams"]) == (said, 450)

    def test_is_for_the_staff(self, shop: Shop) -> None:
        for visitor, status in ((shop.visitor(), 401), (shop.customer(), 403)):
            assert visitor.post("/products", {"name": "Mug", "price": 1}).status_code == status


class TestShowProduct:
    def test_hides_what_is_not_active(self, staff: Visitor, shop: Shop) -> None:
        make(staff, status="draft")

        assert shop.visitor().get("/products/mug").status_code == 404
        assert shop.visitor().get("/products/mug/variants").status_code == 404
        assert shop.customer().get("/products").json["count"] == 0
        assert staff.get("/products/mug").status_code == 200

    def test_takes_one_statement(self, staff: Visitor, shop: Shop) -> None:
        make(staff, variants=[{"options": {"no": str(number)}} for number in range(20)])

        with shop.statements() as sent:
            shown = shop.visitor().get("/products/mug")

        assert (len(shown.json["variants"]), len(sent)) == (20, 1)

    def test_saves_the_way_for_who_has_it_already(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff, stock=3))
        guest = shop.visitor()
        tag = guest.get("/products/mug").headers["ETag"]

        assert guest.get("/products/mug", If_None_Match=tag).status_code == 304
        reserve(shop.container.work, {variant_id: 1})
        assert guest.get("/products/mug", If_None_Match=tag).status_code == 200


class TestChangeProduct:
    def test_changes_what_is_named_and_nothing_else(self, staff: Visitor) -> None:
        made = make(staff, stock=3, tags=["blue"], brand="Habesha")

        answer = staff.patch("/products/mug", {"price": "80.00", "compare_at_price": "100"})

        assert answer.status_code == 200
        changed = {"price", "compare_at_price", "on_sale", "regular_price", "updated_at"}
        changed |= {"lowest_price_30_days"}
        kept = {name: value for name, value in made.items() if name not in changed}
        assert kept.items() <= answer.json.items()
        assert answer.json["on_sale"] is True

    def test_puts_nothing_without_name_and_price(self, staff: Visitor) -> None:
        make(staff)

        answer = staff.call("PUT", "/products/mug", {"name": "Cup"})

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["price"])

    def test_sets_the_stock_and_sku_of_the_only_variant(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff, stock=3))
        body = {"name": "Mug", "price": "90.00", "sku": "M-2", "stock": 9, "low_stock_threshold": 2}

        changed = staff.call("PUT", "/products/mug", body)

        assert (changed.status_code, changed.json["sku"], changed.json["stock"]) == (200, "M-2", 9)
        assert changed.json["variants"][0]["low_stock_threshold"] == 2
        latest = staff.get(f"/variants/{variant_id}/stock/movements").json["results"][0]
        assert (latest["delta"], latest["reason"]) == (6, "correction")
        assert latest["actor_id"] == staff.get("/users/me").json["id"]
        assert shop.level(variant_id) == (9, 0)

    def test_asks_which_variant_of_several_is_meant(self, staff: Visitor) -> None:
        make(staff, variants=[{"options": {"size": size}, "stock": 2} for size in "SM"])

        for fact in ({"stock": 1}, {"sku": "X"}):
            answer = staff.patch("/products/mug", fact)
            assert (answer.status_code, list(answer.json["errors"])) == (422, list(fact))
        assert staff.get("/products/mug").json["stock"] == 4

    def test_sets_no_stock_below_what_is_promised(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff, stock=3))
        reserve(shop.container.work, {variant_id: 2})

        answer = staff.patch("/products/mug", {"stock": 1, "brand": "A"})

        assert (answer.status_code, answer.json["code"]) == (409, "stock_committed")
        assert staff.get("/products/mug").json["brand"] == ""
        assert shop.level(variant_id) == (3, 2)

    def test_says_is_active_for_status(self, staff: Visitor) -> None:
        make(staff)

        states = [
            staff.patch("/products/mug", {"is_active": flag}).json["status"]
            for flag in (False, True)
        ]

        assert states == ["inactive", "active"]

    def test_refuses_an_edit_of_what_has_changed_since(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff, stock=3))
        tag = staff.get("/products/mug").headers["ETag"]
        reserve(shop.container.work, {variant_id: 1})

        assert staff.patch("/products/mug", {"brand": "A"}, If_Match=tag).status_code == 200
        answer = staff.patch("/products/mug", {"brand": "B"}, If_Match=tag)

        assert (answer.status_code, answer.json["code"]) == (412, "precondition_failed")
        assert staff.get("/products/mug").json["brand"] == "A"

    def test_tells_the_world(self, staff: Visitor, shop: Shop) -> None:
        make(staff)
        staff.patch("/products/mug", {"brand": "A"})
        staff.patch("/products/mug", {"status": "discontinued"})

        told = shop.one(
            "SELECT array_agg(name ORDER BY id) FROM outbox WHERE name LIKE 'product.%'"
        )[0]
        assert sorted(told) == ["product.created", "product.retired", "product.updated"]


class TestRemoveProduct:
    def test_forgets_what_nobody_ordered(self, staff: Visitor) -> None:
        make(staff, stock=3)

        assert staff.delete("/products/mug").status_code == 204
        assert staff.get("/products/mug").status_code == 404

    def test_keeps_what_an_order_names_even_if_nothing_is_held_for_it(
        self, staff: Visitor, shop: Shop
    ) -> None:
        customer = shop.customer()
        customer.put_in(first_variant(make(staff, stock=3)))
        customer.check_out()
        with shop.engine.begin() as db:
            db.exec_driver_sql("DELETE FROM reservations")

        assert staff.delete("/products/mug").status_code == 204

        assert staff.get("/products/mug").json["status"] == "discontinued"

    def test_keeps_what_was_ordered_as_discontinued(self, staff: Visitor, shop: Shop) -> None:
        reserve(shop.container.work, {first_variant(make(staff, stock=3)): 1})

        assert staff.delete("/products/mug").status_code == 204

        assert staff.get("/products/mug").json["status"] == "discontinued"
        assert shop.visitor().get("/products/mug").status_code == 404
