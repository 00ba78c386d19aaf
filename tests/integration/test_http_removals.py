"""Staff take out of the catalogue what they have seen, and not what it has become since."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor

Put = Callable[[Visitor], str]
TEE: dict[str, Any] = {"variants": [{"options": {"size": "S"}}, {"options": {"size": "M"}}]}


def put(staff: Visitor, path: str, **body: Any) -> str:
    answer = staff.post(path, body)
    assert answer.status_code == 201, answer.text
    return f"{path}/{answer.json['id']}"


THINGS: dict[str, tuple[Put, dict[str, Any]]] = {
    "product": (lambda staff: f"/products/{make(staff)['id']}", {"price": "5.00"}),
    "variant": (lambda staff: f"/variants/{make(staff, **TEE)['variants'][0]['id']}", {"sku": "T"}),
    "category": (lambda staff: put(staff, "/categories", name="Cups"), {"position": 3}),
    "collection": (lambda staff: put(staff, "/collections", name="Gifts"), {"position": 3}),
    "location": (lambda staff: put(staff, "/locations", code="bole", name="Bole"), {"priority": 3}),
}


@pytest.mark.parametrize("thing", THINGS)
def test_holds_only_for_what_was_seen(shop: Shop, thing: str) -> None:
    staff = shop.staff("catalog.write")
    put_it, change = THINGS[thing]
    path = put_it(staff)
    seen = staff.get(path).headers["ETag"]
    latest = staff.patch(path, change).headers["ETag"]

    refused = staff.delete(path, If_Match=seen)

    assert (refused.status_code, refused.json["code"]) == (412, "precondition_failed")
    assert staff.get(path).headers["ETag"] == latest
    assert staff.delete(path, If_Match=latest).status_code == 204
    assert staff.get(path).status_code == 404
