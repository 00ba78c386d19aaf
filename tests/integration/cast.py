"""Everybody who could stand at a door of the shop, and what one of them has in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token, decode_token
from sqlalchemy import text
from werkzeug.test import TestResponse

from nexus.bootstrap import Container
from nexus.domain.shared import new_id
from nexus.domain.users import PERMISSIONS
from tests.integration.documented import Document, Route
from tests.people import PASSWORD

# It stands in all that is Hana's, and in nothing that is anybody else's.
MARK = "zemenawit"
ADDRESS = {
    "first_name": MARK,
    "phone": "0911223344",
    "city": "Addis Ababa",
    "sub_city": "Bole",
    "line1": f"{MARK} Road",
}
# Names that are nobody's business, whoever asks.
NEVER_SHOWN = {"password", "password_hash", "token_hash", "refresh_id", "sealed_secret", "version"}
MISSING = str(new_id())


@dataclass
class Character:
    """Somebody at the door, with what they show there; every answer to them is looked at."""

    name: str
    http: FlaskClient
    document: Document
    headers: Mapping[str, str] = field(default_factory=dict)
    may_see_hana: bool = False

    def call(self, route: Route, path: str, body: Any = None) -> TestResponse:
        self.http.delete_cookie("nexus_cart")
        method, headers = route.method, dict(self.headers)
        answer = self.http.open(path, method=method, json=body, headers=headers)
        self._look_at(answer, route)
        return answer

    def outcome(self, route: Route, path: str, body: Any = None) -> tuple[int, str]:
        answer = self.call(route, path, body)
        shown = answer.get_json(silent=True)
        return answer.status_code, shown.get("code", "") if isinstance(shown, dict) else ""

    def _look_at(self, answer: TestResponse, route: Route) -> None:
        shown = answer.get_json(silent=True)
        where = f"{self.name}: {route}"
        assert answer.status_code < 500, f"{where} failed: {answer.text}"
        surplus = self.document.surplus(route, answer.status_code, shown)
        assert not surplus, f"{where} answers {surplus}, which the document does not know"
        assert not NEVER_SHOWN & set(names_in(shown if route.operation else None)), where
        assert self.may_see_hana or MARK not in answer.text, f"{where} tells of Hana"


def names_in(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from names_in(each)
    if isinstance(value, dict):
        yield from value.keys() - {"errors", "before", "after"}
        for name in value.keys() - {"errors"}:
            yield from names_in(value[name])


class Cast:
    """A shop in which Hana has one of everything, and others would like to see it."""

    def __init__(self, container: Container) -> None:
        self.container, self.app = container, container.http()
        self.document = Document(self.app)
        self._numbers = count(1)
        self.variant_id, self.product = self._mug()
        self.sold_out = self._sold_out()
        self._gift()
        self.hana = self._customer(f"{MARK}@example.com")
        self.hana.may_see_hana = True
        self.things = self._things()
        self.eve = self._customer("eve@example.com")
        self._post(self.eve, "/cart/items", {"variant_id": self.variant_id})

    def anonymous(self, name: str = "anonymous", **headers: str) -> Character:
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        return Character(name, self.app.test_client(), self.document, sent)

    def holder(self, token: str, name: str) -> Character:
        return self.anonymous(name, Authorization=f"Bearer {token}")

    def staff(self, *permissions: str, role: str = "staff") -> Character:
        email = f"{role}-{next(self._numbers)}@example.com"
        someone = self._customer(email)
        someone.name = f"{role} with {', '.join(permissions) or 'no permission'}"
        someone.may_see_hana = True
        changes = {"r": role, "p": list(permissions), "e": email}
        self.execute("UPDATE users SET role = :r, permissions = :p WHERE email = :e", **changes)
        return someone

    def staff_without(self, permission: str) -> Character:
        return self.staff(*sorted(PERMISSIONS - {permission}))

    def guest(self) -> Character:
        """A guest with a cart and an order, and the tokens of both."""
        nobody = self.anonymous()
        cart = self._post(nobody, "/cart/items", {"variant_id": self.variant_id})
        token = {"X-Cart-Token": cart["token"]}
        nobody.headers = token
        order = self._check_out(nobody, {"email": "guest@example.com"})
        return self.anonymous(
            "a guest", X_Cart_Token=cart["token"], X_Order_Token=order["order_token"]
        )

    def with_bad_credentials(self) -> Iterator[Character]:
        """Hana, by every kind of token that has ceased to be good, or never was."""
        yield self.holder("garbage", "garbage")
        yield self.holder(self._expired(), "an expired token")
        yield self.holder(self._log_in(f"{MARK}@example.com")["refresh"], "a refresh token")
        for email, name in (("gone", "a revoked session"), ("banned", "a disabled account")):
            yield self.holder(self._dead(f"{email}@example.com"), name)
        yield self.holder(self._revoked_api_token(), "a revoked API token")

    def strangers(self) -> list[Character]:
        return [self.anonymous(), self.guest(), self.eve, self.staff()]

    def ids(self) -> list[str]:
        """Return the ids of what Hana has."""
        return [it for name, it in self.things.items() if name not in ("ref", "code")]

    def api_token(self, owner: Character) -> str:
        made: str = self._post(owner, "/auth/tokens", {"name": "import"})["token"]
        return made

    def execute(self, statement: str, **values: Any) -> None:
        with self.container.engine().begin() as db:
            db.execute(text(statement), values)

    def _mug(self) -> tuple[str, str]:
        facts = {"name": "Mug", "price": "100.00", "stock": 50}
        chief = self.staff(role="admin")
        self._post(chief, "/categories", {"name": "Cups"})
        rule = {"conditions": [{"max_price": "500.00", "category": "cups"}]}
        self._post(chief, "/collections", {"name": "Gifts", "rule": rule})
        product = self._post(chief, "/products", facts)
        return product["variants"][0]["id"], product["slug"]

    def _sold_out(self) -> str:
        """Return a product that nobody can buy, so that wishes for it stay wishes."""
        facts = {"name": "Plate", "price": "80.00", "stock": 0}
        slug: str = self._post(self.staff(role="admin"), "/products", facts)["slug"]
        return slug

    def _gift(self) -> None:
        terms = {"code": "GIFT", "discount_type": "fixed", "discount_value": "10.00"}
        self.coupon_id = self._post(self.staff(role="admin"), "/coupons", terms)["id"]

    def _things(self) -> dict[str, str]:
        """Return what Hana has, by the names that routes and bodies have for it."""
        hana = self.hana
        self._patch_me(hana)
        address = self._post(hana, "/addresses", ADDRESS)["id"]
        self._post(hana, "/cart/items", {"variant_id": self.variant_id})
        order = self._check_out(hana, {"notes": MARK})
        payment = self._post(hana, "/payments", {"order_id": order["id"]})["payment_id"]
        cart = self._post(hana, "/cart/items", {"variant_id": self.variant_id})
        self._post(hana, "/cart/coupon", {"code": "GIFT"})
        self.order_number = order["order_number"]
        session = self._of(hana, "/auth/sessions")[0]["id"]
        wishes = self._post(hana, "/wishlist/lists", {"name": MARK})["id"]
        wish = {"product_id": self.sold_out, "note": MARK}
        # One to sign out of, and one to stay.
        hana.headers = self._credentials(f"{MARK}@example.com")
        return {
            "address_id": address,
            "item_id": cart["items"][0]["id"],
            "code": "GIFT",
            "ref": order["id"],
            "order_id": order["id"],
            "payment_id": payment,
            "user_id": self._of(hana, "/users/me")["id"],
            "session_id": session,
            "review_id": self._hidden_review(hana),
            "list_id": wishes,
            "wish_id": self._post(hana, f"/wishlist?list={wishes}", wish)["id"],
            "token_id": self._post(hana, "/auth/tokens", {"name": MARK})["id"],
        }

    def _hidden_review(self, hana: Character) -> str:
        """Return what Hana said, and moderators let nobody else read."""
        said = {"product_id": self.product, "rating": 2, "comment": MARK}
        review: str = self._post(hana, "/reviews", said)["id"]
        path, headers = f"/api/v1/reviews/{review}", dict(self.staff("reviews.moderate").headers)
        hidden = hana.http.patch(path, json={"is_hidden": True}, headers=headers)
        assert hidden.status_code == 200, hidden.text
        return review

    def _patch_me(self, hana: Character) -> None:
        names = {"first_name": MARK, "last_name": MARK, "username": MARK}
        answer = hana.http.patch("/api/v1/users/me", json=names, headers=dict(hana.headers))
        assert answer.status_code == 200, answer.text

    def _customer(self, email: str) -> Character:
        self.container.ensure_customer()(email=email, password=PASSWORD)
        name, _, _ = email.partition("@")
        return replace(self.anonymous(name), headers=self._credentials(email))

    def _credentials(self, email: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._log_in(email)['access']}"}

    def _log_in(self, email: str) -> dict[str, str]:
        body = {"email": email, "password": PASSWORD}
        pair: dict[str, str] = self._post(self.anonymous(), "/auth/login", body)
        return pair

    def _expired(self) -> str:
        good = self._log_in(f"{MARK}@example.com")["access"]
        with self.app.app_context():
            claims, ago = decode_token(good), timedelta(minutes=-5)
            sid = {"sid": claims["sid"]}
            token: str = create_access_token(
                claims["sub"], additional_claims=sid, expires_delta=ago
            )
            return token

    def _dead(self, email: str) -> str:
        someone = self._customer(email)
        if email.startswith("banned"):
            self.execute("UPDATE users SET is_active = false WHERE email = :e", e=email)
        else:
            self._post(someone, "/auth/logout-all", None)
        return someone.headers["Authorization"].removeprefix("Bearer ")

    def _revoked_api_token(self) -> str:
        made = self._post(self.hana, "/auth/tokens", {"name": "old"})
        path, headers = f"/api/v1/auth/tokens/{made['id']}", dict(self.hana.headers)
        assert self.hana.http.delete(path, headers=headers).status_code == 204
        token: str = made["token"]
        return token

    def _check_out(self, who: Character, body: dict[str, Any]) -> Any:
        address = ADDRESS if who.may_see_hana else ADDRESS | {"first_name": "A", "line1": "B"}
        return self._post(who, "/orders", {"shipping_address": address} | body)

    def _post(self, who: Character, path: str, body: Any) -> Any:
        answer = who.http.post(f"/api/v1{path}", json=body, headers=dict(who.headers))
        assert answer.status_code < 300, answer.text
        return answer.get_json(silent=True)

    def _of(self, who: Character, path: str) -> Any:
        return who.http.get(f"/api/v1{path}", headers=dict(who.headers)).get_json()
