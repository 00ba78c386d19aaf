"""Inputs that gave 500 on a plain application of this stack (and others of their kind)."""

import pytest

from nexus.entrypoints.http.access import ANYONE, open_to
from tests.integration.shop import Shop

DEEP = b"[" * 100_000 + b"]" * 100_000
LONG_NUMBER = b'{"quantity": ' + b"9" * 10_000 + b"}"


def post(shop: Shop, raw: bytes, content_type: str = "application/json", path: str = "/cart/items"):
    return shop.visitor().client.post(f"/api/v1{path}", data=raw, content_type=content_type)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (DEEP, 400),
        (LONG_NUMBER, 400),
        (b'{"quantity": NaN}', 400),
        (b'{"quantity": 1e9999999999999999999}', 400),
        (b'{"quantity": Infinity}', 400),
        (b'{"quantity": 1, "quantity": 2}', 400),
        (b'{"product_id": "a\\u0000b"}', 422),
        (b'{"product_id": "\\ud800"}', 422),
        (b'{"\\u0000": 1}', 422),
        (b'{"quantity": 99999999999999999999}', 422),
        (b'{"quantity": 1e400}', 422),
        (b'{"quantity": 1.9}', 422),
        (b"[]", 422),
        (b"null", 422),
        (b"1", 422),
        (b"", 422),
    ],
)
def test_bodies_that_cannot_be_meant(shop: Shop, raw: bytes, status: int) -> None:
    answer = post(shop, raw)

    assert answer.status_code == status, answer.json
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == {400: "malformed_request", 422: "validation_failed"}[status]
    assert ("errors" in answer.json) == (status == 422)


def test_another_content_type(shop: Shop) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = post(shop, b'{"product_id": "x"}', content_type)
        assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")


def test_a_body_that_is_too_large(shop: Shop) -> None:
    answer = post(shop, b'{"product_id": "' + b"x" * 2_000_000 + b'"}')

    assert (answer.status_code, answer.json["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/products?page=99999999999999999999", 422),
        ("/products?page=0", 422),
        ("/products?page=-1", 422),
        ("/products?page=1.5", 422),
        ("/products?page=٣", 422),
        ("/products?page_size=101", 422),
        ("/products?page_size=0", 422),
        ("/products?search=a%00b", 422),
        ("/products?min_price=1_0", 422),
        ("/products?min_price=1e400", 422),
        ("/products?min_price=NaN", 422),
        ("/products?ordering=password", 422),
        ("/products?" + "&".join(f"attr.{number}=x" for number in range(21)), 422),
        ("/products?created_after=0001-01-01T00:00:00%2b14:00", 422),
        ("/products/%00", 404),
        ("/products/" + "x" * 5000, 404),
        ("/products/99999999999999999999", 404),
        ("/orders/%ff", 404),
        ("/cart/items/1", 404),
        ("/nothing", 404),
    ],
)
def test_addresses_that_cannot_be_meant(shop: Shop, path: str, status: int) -> None:
    answer = shop.visitor().get(path)

    assert answer.status_code == status, (path, answer.json)
    assert answer.content_type == "application/problem+json"


def test_credentials_that_cannot_be_read(shop: Shop) -> None:
    for garbage in ("Basic é", "Digest \xff", "Bearer é.é.é", "Bearer", "é"):
        found = [
            shop.visitor().get(path, Authorization=garbage) for path in ("/users/me", "/nothing")
        ]
        assert [it.status_code for it in found] == [401, 404], garbage


def test_a_method_that_is_not_there(shop: Shop) -> None:
    answer = shop.visitor().call("PUT", "/cart")

    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_no_answer_tells_how_we_are_made(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    @open_to(ANYONE)
    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("a secret of the house")

    monkeypatch.setitem(shop.app.view_functions, "cart.get_cart", broken)

    answer = shop.visitor().get("/cart")

    assert (answer.status_code, answer.json["code"]) == (500, "internal_error")
    assert "secret" not in answer.text


def test_every_problem_has_all_its_members(shop: Shop) -> None:
    anybody = shop.visitor()
    refused = {
        401: anybody.get("/users/me"),
        404: anybody.get("/products/none"),
        405: anybody.call("PUT", "/cart"),
        409: anybody.check_out(),
        415: post(shop, b"{}", "text/plain"),
        422: anybody.post("/cart/items", {}),
    }

    for status, answer in refused.items():
        assert answer.json["status"] == answer.status_code == status
        assert {"type", "title", "detail", "instance", "code", "request_id"} <= answer.json.keys()
        assert all(answer.json[name] for name in ("type", "title", "detail", "instance"))


class TestRequestId:
    def test_is_echoed_and_stands_in_the_problem(self, shop: Shop) -> None:
        answer = shop.visitor().get("/nothing", X_Request_ID="mine-1")

        assert answer.headers["X-Request-ID"] == answer.json["request_id"] == "mine-1"

    def test_is_made_when_there_is_none_to_trust(self, shop: Shop) -> None:
        for given in ("", "a b", "x" * 200, "<script>"):
            answer = shop.visitor().get("/nothing", X_Request_ID=given)
            assert answer.headers["X-Request-ID"] not in ("", given)


class TestPaths:
    def test_answer_alike_with_and_without_a_slash(self, shop: Shop) -> None:
        client = shop.visitor().client

        assert client.get("/api/v1/cart/").json == client.get("/api/v1/cart").json
        assert client.get("/healthz/").status_code == 200

    @pytest.mark.parametrize(
        ("method", "earlier"),
        [
            ("GET", "/api/cart/"),
            ("GET", "/api/store/carts/"),
            ("GET", "/api/store/cart-items/"),
            ("DELETE", "/api/cart/clear/"),
            ("POST", "/api/store/carts/clear/"),
            ("GET", "/api/products/"),
            ("GET", "/api/store/products/"),
            ("GET", "/api/categories/"),
            ("GET", "/api/store/categories/"),
            ("GET", "/api/coupons/"),
        ],
    )
    def test_of_the_earlier_systems_answer_as_ours(self, shop: Shop, method, earlier) -> None:
        answer = shop.visitor().client.open(earlier, method=method)

        assert answer.status_code == 200, answer.json

    @pytest.mark.parametrize(
        ("method", "earlier", "status"),
        [
            ("POST", "/api/register/", 422),
            ("POST", "/api/auth/registration/", 422),
            ("POST", "/api/auth/jwt/create/", 422),
            ("POST", "/api/auth/jwt/refresh/", 422),
            ("POST", "/api/auth/jwt/verify/", 422),
            ("GET", "/api/auth/user/", 401),
            ("GET", "/api/store/users/me/", 401),
            ("POST", "/api/store/carts/add_item/", 422),
            ("POST", "/api/cart/add/", 422),
            ("PATCH", "/api/cart/items/01890000-0000-7000-8000-000000000000/", 422),
            ("PUT", "/api/store/cart-items/01890000-0000-7000-8000-000000000000/", 422),
            ("PUT", "/api/cart/items/01890000-0000-7000-8000-000000000000/", 422),
            ("POST", "/api/orders/create/", 422),
            ("GET", "/api/orders/", 401),
            ("POST", "/api/store/orders/", 422),
            ("POST", "/api/payments/initiate/", 422),
            ("GET", "/api/payments/", 401),
            ("GET", "/api/addresses/", 401),
        ],
    )
    def test_of_the_earlier_systems_are_refused_as_ours(
        self, shop, method, earlier, status
    ) -> None:
        answer = shop.visitor().client.open(earlier, method=method)

        assert answer.status_code == status, answer.json
