import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Table

from nexus.adapters.sql.queries.export import SECRETS, SECTIONS
from nexus.adapters.sql.schema import metadata
from nexus.bootstrap import Container
from tests.integration.outbox import events
from tests.integration.shop import ADDRESS, PASSWORD, Shop, Visitor
from tests.integration.signed_in import admin, problem

ABEBE = {"email": "abebe@example.com", "password": PASSWORD}
PROFILE = {"username": "abebe", "first_name": "Abebe", "last_name": "Bikila", "phone": "0911223344"}


@pytest.fixture
def abebe(shop: Shop) -> Visitor:
    """A customer of whom everything is kept that can be."""
    abebe = shop.customer("abebe")
    abebe.patch("/users/me", PROFILE)
    abebe.post("/addresses", ADDRESS | {"kind": "shipping", "is_default": True})
    shop.coupon("TEN")
    abebe.put_in(shop.sell("Jebena", price="250.00"))
    abebe.check_out({"coupon_code": "TEN"})
    abebe.put_in(shop.sell("Mug"), 2)
    return abebe


class TestClose:
    def test_ends_everything_that_opens_the_account(self, shop: Shop, abebe: Visitor) -> None:
        elsewhere = shop.visitor()
        elsewhere.token = elsewhere.post("/auth/login", ABEBE).json["access"]

        answer = abebe.delete("/users/me")

        assert (answer.status_code, answer.data) == (204, b"")
        for visitor in (abebe, elsewhere):
            assert problem(visitor.get("/users/me")) == (401, "token_invalid")
        assert problem(shop.visitor().post("/auth/login", ABEBE)) == (401, "invalid_credentials")

    def test_leaves_nothing_of_the_person_but_their_orders(
        self, shop: Shop, abebe: Visitor
    ) -> None:
        (order,) = abebe.get("/orders").json["results"]
        user_id = abebe.get("/users/me").json["id"]

        abebe.delete("/users/me")

        kept = shop.one("SELECT to_jsonb(users) AS row FROM users WHERE id = :id", id=user_id).row
        assert not {"abebe", "Abebe", "Bikila", "+251911223344"} & set(map(str, kept.values()))
        assert "abebe" not in json.dumps(kept)
        for table in ("addresses", "carts"):
            query = f"SELECT count(*) FROM {table} WHERE customer_id = :id"  # noqa: S608
            assert shop.one(query, id=user_id)[0] == 0
        sent_to = "SELECT shipping_address->>'city' AS city FROM orders WHERE id = :id"
        assert shop.one(sent_to, id=order["id"]).city == ADDRESS["city"]

    def test_frees_the_address_and_the_name(self, shop: Shop, abebe: Visitor) -> None:
        abebe.delete("/users/me")
        visitor = shop.visitor()

        registered = visitor.post("/auth/register", ABEBE | {"username": "abebe"})
        visitor.token = visitor.post("/auth/login", ABEBE).json["access"]

        assert registered.status_code == 201
        assert visitor.get("/orders").json["count"] == 0
        assert visitor.get("/addresses").json == []

    def test_is_not_for_the_last_administrator(self, container: Container) -> None:
        first, last = (admin(container, f"{name}@example.com") for name in ("first", "last"))

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda it: it.call("DELETE", "/users/me"), (first, last)))

        assert sorted(it.status_code for it in answers) == [204, 409]
        (refused,) = (it for it in answers if it.status_code == 409)
        assert problem(refused) == (409, "last_admin")
        assert events(container) == ["internal.account_closed"]


class TestExport:
    def test_is_a_file_that_holds_everything(self, abebe: Visitor) -> None:
        answer = abebe.get("/users/me/export")

        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert answer.headers["Cache-Control"] == "no-store"
        held = answer.json
        assert held["account"]["email"] == "abebe@example.com"
        assert held["account"]["phone"] == "+251911223344"
        assert held["account"]["created_at"].endswith("Z")
        assert [it["city"] for it in held["addresses"]] == [ADDRESS["city"]]
        assert [line["quantity"] for line in held["carts"][0]["lines"]] == [2]
        assert len(held["sessions"]) == 1

    def test_shows_orders_with_what_belongs_to_them(self, abebe: Visitor) -> None:
        (shown,) = abebe.get("/orders").json["results"]

        (order,) = abebe.get("/users/me/export").json["orders"]

        assert (order["id"], order["number"]) == (shown["id"], shown["order_number"])
        assert (order["total"], order["discount"]) == (shown["total"], shown["discount_amount"])
        assert [(it["name"], it["unit_price"]) for it in order["items"]] == [("Jebena", "250.00")]
        assert [(it["code"], it["amount"]) for it in order["coupons"]] == [("TEN", "25.00")]
        assert [it["event"] for it in order["history"]] == ["order.placed"]

    def test_holds_nothing_of_anybody_else_and_no_secret(self, shop: Shop, abebe: Visitor) -> None:
        other = shop.customer("other")
        other.post("/addresses", ADDRESS | {"kind": "shipping", "city": "Gondar"})

        answer = abebe.get("/users/me/export")

        text = answer.text
        assert answer.status_code == 200
        assert "other@example.com" not in text
        assert "Gondar" not in text
        assert "argon2" not in text
        assert not SECRETS & set(names(json.loads(text)))

    def test_is_read_in_one_statement_beside_who_asks(self, shop: Shop, abebe: Visitor) -> None:
        with shop.statements() as statements:
            answer = abebe.get("/users/me/export")

        assert (answer.status_code, len(statements)) == (200, 2)

    def test_forgets_no_table_that_refers_to_a_person(self) -> None:
        people = {it for it in metadata.tables.values() if refers_to(it, "users")}
        exported = {table for query in SECTIONS.values() for table in tables_of(query)}

        assert people
        assert {it.name for it in people} <= exported

    def test_is_not_for_strangers(self, shop: Shop) -> None:
        assert problem(shop.visitor().get("/users/me/export")) == (401, "unauthenticated")


def refers_to(table: Table, name: str) -> bool:
    return any(key.column.table.name == name for key in table.foreign_keys)


def tables_of(query: Any) -> set[str]:
    return {it.name for it in query.get_final_froms()}


def names(value: Any) -> list[str]:
    """Return the names of all fields, however deep they are."""
    if isinstance(value, list):
        return [name for each in value for name in names(each)]
    if isinstance(value, dict):
        return [*value, *(name for each in value.values() for name in names(each))]
    return []
