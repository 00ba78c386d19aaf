"""A shop with its real database, visited through the test client."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from dependency_injector import providers
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from nexus.application.catalog.products import CreateProduct, VariantDraft
from nexus.bootstrap import Container, close
from nexus.domain.shared import Money, new_id
from nexus.settings import Settings
from tests.integration.statements import heard
from tests.people import CHEAP

PASSWORD = "securepass"
ADDRESS = {
    "first_name": "Abebe",
    "phone": "0911223344",
    "city": "Addis Ababa",
    "sub_city": "Bole",
    "woreda": "03",
}


class Shop:
    def __init__(self, database_url: str, **environ: str) -> None:
        told = {"NEXUS_ENV": "test", "DATABASE_URL": database_url, "DATABASE_POOL": "20"}
        told["RATE_LIMITS"] = "off"
        self.container = Container(settings=Settings.read(told | environ))
        self.container.passwords.override(providers.Object(CHEAP))
        self.app = self.container.http()
        self.engine: Engine = self.container.engine()

    def close(self) -> None:
        close(self.container)

    def visitor(self, token: str | None = None) -> "Visitor":
        return Visitor(self.app.test_client(), token)

    def customer(self, name: str = "abebe") -> "Visitor":
        email = f"{name}@example.com"
        self.visitor().post("/auth/register", {"email": email, "password": PASSWORD})
        return self.signed_in(name)

    def signed_in(self, name: str) -> "Visitor":
        """Return somebody who has an account already."""
        visitor, email = self.visitor(), f"{name}@example.com"
        visitor.token = visitor.post("/auth/login", {"email": email, "password": PASSWORD}).json[
            "access"
        ]
        return visitor

    def staff(self, *permissions: str) -> "Visitor":
        visitor = self.customer("staff")
        with self.engine.begin() as db:
            db.execute(
                text("UPDATE users SET role = 'staff', permissions = :p WHERE email = :e"),
                {"p": list(permissions), "e": "staff@example.com"},
            )
        return visitor

    def sell(self, name: str = "Mug", *, price: str = "100.00", stock: int = 10) -> UUID:
        """Return the variant of a new product that has no other."""
        create = CreateProduct(self.container.work, self.container.clock(), 5)
        facts = {"name": name, "price": Money.parse(price, "ETB")}
        sku = f"{name.upper()}-{new_id().hex[-6:]}"
        create(facts=facts, categories={}, variants=[VariantDraft(sku=sku, stock=stock)])
        with self.engine.connect() as db:
            found = db.execute(text("SELECT id FROM variants WHERE sku = :s"), {"s": sku})
            return UUID(str(found.scalar_one()))

    def coupon(self, code: str = "TEN", **terms: Any) -> None:
        from nexus.domain.coupons import DiscountType

        facts: dict[str, Any] = {"discount_type": DiscountType.PERCENTAGE, "discount_value": 10_00}
        self.container.create_coupon()(code=code, **facts | terms)

    def one(self, query: str, **values: Any) -> Any:
        with self.engine.connect() as db:
            return db.execute(text(query), values).one()

    def all(self, query: str, **values: Any) -> Sequence[Any]:
        with self.engine.connect() as db:
            return db.execute(text(query), values).all()

    def level(self, variant_id: UUID) -> tuple[int, int]:
        """Return on hand and reserved, having checked that the ledger and the places agree."""
        level = self.one(
            "SELECT on_hand, reserved FROM stock_items WHERE variant_id = :v", v=variant_id
        )
        ledger = self.one(
            "SELECT coalesce(sum(total_delta), 0), coalesce(sum(reserved_delta), 0)"
            " FROM stock_movements WHERE variant_id = :v",
            v=variant_id,
        )
        placed = self.one(
            "SELECT coalesce(sum(on_hand), 0), coalesce(sum(reserved), 0) FROM stock_levels"
            " WHERE variant_id = :v AND is_offered",
            v=variant_id,
        )
        assert tuple(level) == tuple(ledger) == tuple(placed)
        return tuple(level)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Gather every statement while this lasts, as often as the database is to run it."""
        sent: list[str] = []
        with heard() as told:
            yield sent
        sent += [statement for statement, _ in told]


class Visitor:
    """Somebody with a browser; `token` is their access token once they are signed in."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self.client, self.token = client, token

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given["Authorization"] = f"Bearer {self.token}"
        if body is None:
            return self.client.open(f"/api/v1{path}", method=method, headers=given)
        given["Content-Type"] = "application/json"
        data = json.dumps(body)
        return self.client.open(f"/api/v1{path}", method=method, data=data, headers=given)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("DELETE", path, **headers)

    def put_in(self, variant_id: UUID, quantity: int = 1) -> Any:
        return self.post("/cart/items", {"variant_id": str(variant_id), "quantity": quantity})

    def check_out(self, body: Mapping[str, Any] | None = None, **headers: str) -> Any:
        return self.post("/orders", {"shipping_address": ADDRESS} | dict(body or {}), **headers)
