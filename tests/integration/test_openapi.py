"""The document that clients are made from."""

import re
from typing import Any

from openapi_spec_validator import validate

from tests.integration.shop import Shop


def document(shop: Shop) -> Any:
    return shop.visitor().client.get("/api/openapi.json").json


def operations(shop: Shop) -> dict[str, dict]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document(shop)["paths"].items()
        for method, operation in item.items()
        if method in {"get", "post", "put", "patch", "delete"}
    }


def test_is_valid(shop: Shop) -> None:
    validate(document(shop))


def test_names_every_operation_and_says_how_it_refuses(shop: Shop) -> None:
    for name, operation in operations(shop).items():
        assert operation.get("summary"), name
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, name


def test_describes_every_parameter(shop: Shop) -> None:
    for path, item in document(shop)["paths"].items():
        parts = [item, *(it for it in item.values() if isinstance(it, dict))]
        for it in (each for part in parts for each in part.get("parameters", ())):
            assert it.get("description"), f"{it['name']} of {path}"


def test_lets_a_refusal_tell_more_than_every_problem_does(shop: Shop) -> None:
    assert document(shop)["components"]["schemas"]["Problem"]["additionalProperties"] is True


def test_says_who_may_call_what(shop: Shop) -> None:
    found = operations(shop)

    assert found["POST /api/v1/auth/login"]["security"] == []
    assert found["GET /api/v1/users/me"]["security"] == [{"bearer": []}]
    assert {} in found["GET /api/v1/cart"]["security"]
    assert "`coupons.write`" in found["POST /api/v1/coupons"]["description"]


def test_says_which_changes_hold_only_for_what_was_seen(shop: Shop) -> None:
    looks = {
        name
        for name, operation in operations(shop).items()
        for it in operation.get("parameters", ())
        if it["name"] == "If-Match"
    }

    kept = "categories|collections|images|locations|products|variants"
    changes = {
        name
        for name in operations(shop)
        if re.match(rf"(PUT|PATCH|DELETE) /api/v1/({kept})/", name)
    }
    assert looks == changes - {"DELETE /api/v1/products/{product}/back-in-stock"}


def test_leaves_the_earlier_systems_paths_out(shop: Shop) -> None:
    assert all(path.startswith("/api/v1/") for path in document(shop)["paths"])


def test_pages_come_from_our_own_origin(shop: Shop) -> None:
    client = shop.visitor().client

    for page in ("/api/docs", "/api/redoc", "/swagger/", "/redoc/", "/api/docs/", "/api/redoc/"):
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert b"//" not in answer.data.replace(b"<!doctype", b""), page
    for asset in (
        "/api/docs/assets/swagger-ui-bundle.js",
        "/api/docs/assets/swagger-ui.css",
        "/api/docs/assets/init.js",
        "/api/redoc/assets/redoc.standalone.js",
    ):
        with client.get(asset) as found:
            assert found.status_code == 200, asset
    assert client.get("/api/schema/").json == client.get("/api/openapi.json").json
    assert client.get("/").headers["Location"] == "/api/docs"
