"""What shoppers would like to have, and show to others."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from nexus.application.wishlists import MakeWish
from nexus.domain.wishlists import MOST_WISHES
from tests.integration.catalogue import first_variant, make
from tests.integration.shop import Shop, Visitor
from tests.integration.signed_in import problem

SIZES = [
    {"options": {"size": it}, "stock": 2, "price": p} for it, p in (("S", "90.00"), ("M", None))
]


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


@pytest.fixture
def mug(staff: Visitor) -> Any:
    return make(staff, stock=5)


@pytest.fixture
def shirt(staff: Visitor) -> Any:
    return make(staff, "Shirt", variants=SIZES)


@pytest.fixture
def hana(shop: Shop) -> Visitor:
    return shop.customer("hana")


def wish(who: Visitor, product: Any, query: str = "") -> Any:
    answer = who.post(f"/wishlist{query}", {"product_id": product["id"]})
    assert answer.status_code == 201, answer.text
    return answer.json


def wished(who: Visitor, query: str = "") -> list[Any]:
    answer = who.get(f"/wishlist{query}")
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json["results"]
    return found


class TestWish:
    def test_is_kept_with_its_product(self, hana: Visitor, mug: Any) -> None:
        assert wished(hana) == []

        made = hana.post("/wishlist", {"product_id": mug["slug"], "note": "the blue one"})

        assert made.status_code == 201
        assert (made.json["note"], made.json["variant_id"]) == ("the blue one", None)
        card = made.json["product"]
        assert {it: card[it] for it in ("id", "name", "price", "currency", "in_stock")} == {
            "id": mug["id"],
            "name": "Mug",
            "price": "100.00",
            "currency": "ETB",
            "in_stock": True,
        }
        assert made.json["available"] is True
        assert wished(hana) == [made.json]

    @pytest.mark.parametrize(
        "terms",
        [
            {},
            {"sale_price": "80.00"},
            {"compare_at_price": "120.00"},
            {"compare_at_price": "90.00", "sale_price": "95.00"},
        ],
    )
    def test_shows_the_price_as_lists_do(self, hana: Visitor, staff: Visitor, terms: Any) -> None:
        made = make(staff, stock=5, **terms)

        shown = wish(hana, made)["product"]

        for name in ("price", "compare_at_price", "on_sale"):
            assert shown[name] == made[name], name

    def test_of_a_variant_shows_its_own_price(self, hana: Visitor, staff: Visitor) -> None:
        own = {"price": "100.00", "sale_price": "70.00"}
        shirt = make(staff, "Shirt", compare_at_price="150.00", variants=[own])

        shown = hana.post("/wishlist", {"variant_id": str(first_variant(shirt))}).json["product"]

        asked = [shown[name] for name in ("price", "compare_at_price", "on_sale")]
        assert asked == ["70.00", "100.00", True]

    def test_is_one_however_often_it_is_made(self, hana: Visitor, mug: Any) -> None:
        first = wish(hana, mug)

        again = hana.post("/wishlist", {"product_id": mug["slug"]})

        assert (again.status_code, again.json) == (200, first)
        assert len(wished(hana)) == 1

    def test_of_a_variant_is_another_one(self, hana: Visitor, shirt: Any) -> None:
        small, medium = (str(it["id"]) for it in shirt["variants"])
        wish(hana, shirt)

        made = [hana.post("/wishlist", {"variant_id": it}) for it in (small, medium, small)]

        assert [it.status_code for it in made] == [201, 201, 200]
        assert [it.json["product"]["price"] for it in made[:2]] == ["90.00", "100.00"]
        assert [it["variant_id"] for it in wished(hana)] == [medium, small, None]

    @pytest.mark.parametrize("status", ["draft", "inactive", "discontinued"])
    def test_is_for_what_is_in_the_shop(
        self, hana: Visitor, staff: Visitor, mug: Any, status: str
    ) -> None:
        staff.patch(f"/products/{mug['id']}", {"status": status})

        for body in (
            {"product_id": mug["slug"]},
            {"product_id": "nothing"},
            {"variant_id": str(first_variant(mug))},
            {"variant_id": mug["id"]},
        ):
            assert problem(hana.post("/wishlist", body)) == (404, "not_found")

    @pytest.mark.parametrize("body", [{}, {"product_id": "mug", "variant_id": str(UUID(int=1))}])
    def test_names_one_thing(self, hana: Visitor, body: dict[str, Any]) -> None:
        assert problem(hana.post("/wishlist", body)) == (422, "validation_failed")

    def test_outlives_what_it_is_for(self, hana: Visitor, staff: Visitor, mug: Any) -> None:
        wish(hana, mug)

        staff.patch(f"/products/{mug['id']}", {"status": "discontinued"})

        (kept,) = wished(hana)
        assert (kept["available"], kept["product"]["in_stock"]) == (False, False)
        assert kept["product"]["name"] == "Mug"

    def test_is_forgotten_when_asked(self, shop: Shop, hana: Visitor, mug: Any) -> None:
        path = f"/wishlist/{wish(hana, mug)['id']}"

        assert problem(shop.customer("eve").delete(path)) == (404, "not_found")
        assert hana.delete(path).status_code == 204
        assert problem(hana.delete(path)) == (404, "not_found")
        assert wished(hana) == []

    def test_is_nobody_elses_business(self, shop: Shop, hana: Visitor, mug: Any) -> None:
        wish(hana, mug)

        assert wished(shop.customer("eve")) == []
        assert problem(shop.visitor().get("/wishlist")) == (401, "unauthenticated")

    def test_is_made_once_by_many_clicks_at_once(self, shop: Shop, hana: Visitor, mug: Any) -> None:
        make_wish = MakeWish(shop.container.work, shop.container.clock())
        me = UUID(hana.get("/users/me").json["id"])

        with ThreadPoolExecutor(6) as pool:
            made = list(pool.map(lambda _: make_wish(customer_id=me, product=mug["id"]), range(6)))

        assert sorted(is_new for _, is_new in made) == [False] * 5 + [True]
        assert len({item_id for item_id, _ in made}) == 1

    def test_is_made_while_it_is_being_forgotten(self, shop: Shop, hana: Visitor, mug: Any) -> None:
        me = UUID(hana.get("/users/me").json["id"])
        make_wish = MakeWish(shop.container.work, shop.container.clock())

        def change_ones_mind(_: int) -> None:
            item_id, _is_new = make_wish(customer_id=me, product=mug["id"])
            hana.delete(f"/wishlist/{item_id}")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(change_ones_mind, range(120)))

        assert wished(hana) == []

    def test_lists_are_read_in_one_statement(
        self, shop: Shop, hana: Visitor, mug: Any, shirt: Any
    ) -> None:
        wish(hana, mug)
        with shop.statements() as sent:
            wish(hana, shirt)
        assert len(sent) <= 6, sent

        with shop.statements() as sent:
            assert len(wished(hana)) == 2
        assert len(sent) == 2, sent

    def test_is_one_of_so_many_at_most(self, shop: Shop, hana: Visitor, mug: Any) -> None:
        list_id = wish(hana, mug) and hana.get("/wishlist/lists").json[0]["id"]
        with shop.engine.begin() as db:
            db.exec_driver_sql(
                "INSERT INTO products (id, name, slug, price_minor, currency, status, created_at,"
                " updated_at) SELECT gen_random_uuid(), 'P', 'p-' || n, 1, 'ETB', 'active', now(),"
                " now() FROM generate_series(2, %(n)s) n",
                {"n": MOST_WISHES + 1},
            )
            db.exec_driver_sql(
                "INSERT INTO wishes (id, wishlist_id, product_id, note, added_at)"
                " SELECT gen_random_uuid(), %(list)s, id, '', now() FROM products"
                " WHERE slug LIKE 'p-%%' AND slug <> 'p-2'",
                {"list": list_id},
            )

        answer = hana.post("/wishlist", {"product_id": "p-2"})

        assert problem(answer) == (422, "validation_failed")
        assert hana.get("/wishlist").json["count"] == MOST_WISHES


class TestMoveToCart:
    def test_puts_it_into_the_cart_and_off_the_list(self, hana: Visitor, mug: Any) -> None:
        item = wish(hana, mug)

        answer = hana.post(f"/wishlist/{item['id']}/move-to-cart", {"quantity": 2})

        assert answer.status_code == 200
        assert [(it["product_id"], it["quantity"]) for it in answer.json["items"]] == [
            (mug["id"], 2)
        ]
        assert wished(hana) == []
        assert problem(hana.post(f"/wishlist/{item['id']}/move-to-cart")) == (404, "not_found")

    def test_keeps_what_the_cart_refuses(
        self, hana: Visitor, staff: Visitor, mug: Any, shirt: Any
    ) -> None:
        mugs, shirts = wish(hana, mug), wish(hana, shirt)

        refusals = [
            problem(hana.post(f"/wishlist/{item}/move-to-cart", body))
            for item, body in (
                (shirts["id"], None),
                (mugs["id"], {"quantity": 6}),
                (mugs["id"], {"variant_id": shirt["variants"][0]["id"]}),
            )
        ]
        staff.patch(f"/products/{mug['id']}", {"status": "inactive"})
        refusals.append(problem(hana.post(f"/wishlist/{mugs['id']}/move-to-cart")))

        assert refusals == [
            (422, "variant_required"),
            (409, "insufficient_stock"),
            (404, "not_found"),
            (404, "not_found"),
        ]
        assert [it["id"] for it in wished(hana)] == [shirts["id"], mugs["id"]]
        assert hana.get("/cart").json["items"] == []

    def test_takes_the_variant_that_is_chosen(self, hana: Visitor, shirt: Any) -> None:
        medium = shirt["variants"][1]["id"]
        item = wish(hana, shirt)

        answer = hana.post(f"/wishlist/{item['id']}/move-to-cart", {"variant_id": medium})

        assert [it["variant_id"] for it in answer.json["items"]] == [medium]


class TestLists:
    def test_are_several_and_one_is_the_default(self, hana: Visitor, mug: Any) -> None:
        made = hana.post("/wishlist/lists", {"name": "New house"})
        assert (made.status_code, made.json["is_default"]) == (201, False)
        there = f"?list={made.json['id']}"

        wish(hana, mug, there)
        wish(hana, mug)

        assert len(wished(hana)) == len(wished(hana, there)) == 1
        lists = hana.get("/wishlist/lists").json
        assert [(it["name"], it["is_default"], it["item_count"]) for it in lists] == [
            ("Wishlist", True, 1),
            ("New house", False, 1),
        ]

    def test_have_each_a_name_of_their_own(self, hana: Visitor) -> None:
        made = hana.post("/wishlist/lists", {"name": "New house"}).json

        again = hana.post("/wishlist/lists", {"name": "new House"})
        renamed = hana.patch(f"/wishlist/lists/{made['id']}", {"name": "Old house"})

        assert problem(again) == (409, "already_exists")
        assert again.json["field"] == "name"
        assert (renamed.status_code, renamed.json["name"]) == (200, "Old house")

    def test_go_with_all_that_is_on_them(self, shop: Shop, hana: Visitor, mug: Any) -> None:
        made = hana.post("/wishlist/lists", {"name": "New house"}).json
        wish(hana, mug, f"?list={made['id']}")
        default = hana.get("/wishlist/lists").json[0]

        assert hana.delete(f"/wishlist/lists/{made['id']}").status_code == 204
        assert problem(hana.get(f"/wishlist?list={made['id']}")) == (404, "not_found")
        refused = hana.delete(f"/wishlist/lists/{default['id']}")
        assert problem(refused) == (409, "default_wishlist")
        assert shop.one("SELECT count(*) FROM wishes")[0] == 0

    def test_are_so_many_at_most(self, hana: Visitor) -> None:
        made = [hana.post("/wishlist/lists", {"name": f"List {n}"}) for n in range(20)]

        assert [it.status_code for it in made] == [201] * 19 + [422]

    def test_of_others_are_none(self, shop: Shop, hana: Visitor, mug: Any) -> None:
        made = hana.post("/wishlist/lists", {"name": "New house"}).json
        eve, path = shop.customer("eve"), f"/wishlist/lists/{made['id']}"

        answers = [
            eve.get(f"/wishlist?list={made['id']}"),
            eve.post(f"/wishlist?list={made['id']}", {"product_id": mug["id"]}),
            eve.patch(path, {"name": "Mine"}),
            eve.post(f"{path}/share"),
            eve.delete(f"{path}/share"),
            eve.delete(path),
        ]

        assert {problem(it) for it in answers} == {(404, "not_found")}


class TestShare:
    @pytest.fixture
    def path(self, hana: Visitor, mug: Any) -> str:
        wish(hana, mug)
        return f"/wishlist/lists/{hana.get('/wishlist/lists').json[0]['id']}/share"

    def test_shows_the_list_and_not_whose_it_is(self, shop: Shop, hana: Visitor, path: str) -> None:
        hana.patch("/users/me", {"first_name": "Zemenawit"})

        shared = hana.post(path)

        assert shared.status_code == 200
        assert shared.json["url"].endswith(f"/api/v1/wishlist/shared/{shared.json['token']}")
        seen = shop.visitor().get(f"/wishlist/shared/{shared.json['token']}")
        assert (seen.status_code, seen.json["name"]) == (200, "Wishlist")
        assert seen.json["results"] == wished(hana)
        assert "Zemenawit" not in seen.text
        assert "hana" not in seen.text
        assert hana.post(path).json == shared.json == hana.get("/wishlist/lists").json[0]["share"]

    def test_ends_when_it_is_taken_back(self, shop: Shop, hana: Visitor, path: str) -> None:
        token = hana.post(path).json["token"]

        assert hana.delete(path).status_code == 204

        assert problem(shop.visitor().get(f"/wishlist/shared/{token}")) == (404, "not_found")
        assert hana.post(path).json["token"] != token

    @pytest.mark.parametrize("token", ["x", "a.b", "YWJj.00", "ጀበና"])
    def test_cannot_be_guessed(self, shop: Shop, token: str) -> None:
        assert problem(shop.visitor().get(f"/wishlist/shared/{token}")) == (404, "not_found")


class TestPaths:
    @pytest.mark.parametrize(
        "base", ["/api/v1/wishlists", "/api/v1/wishlists/", "/api/store/wishlists/"]
    )
    def test_of_earlier_systems_lead_to_the_same(self, hana: Visitor, mug: Any, base: str) -> None:
        sent = {"Authorization": f"Bearer {hana.token}"}
        http: Any = hana.client

        made = http.post(base, json={"product_id": mug["id"]}, headers=sent)
        found = http.get(base, headers=sent)
        gone = http.delete(f"{base.rstrip('/')}/{made.json['id']}/", headers=sent)

        assert (made.status_code, found.json["count"], gone.status_code) == (201, 1, 204)


class TestWithdrawal:
    def test_leaves_no_wish(self, shop: Shop, hana: Visitor, mug: Any) -> None:
        wish(hana, mug)
        (held,) = hana.get("/users/me/export").json["wishlists"]
        assert [it["product_id"] for it in held["items"]] == [mug["id"]]

        hana.delete("/users/me")

        assert shop.one("SELECT count(*) FROM wishlists")[0] == 0
