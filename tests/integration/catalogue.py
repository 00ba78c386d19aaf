"""What staff put into the catalogue, over HTTP."""

from typing import Any
from uuid import UUID

from tests.integration.shop import Visitor


def make(staff: Visitor, name: str = "Mug", price: str = "100.00", **facts: object) -> Any:
    answer = staff.post("/products", {"name": name, "price": price, **facts})
    assert answer.status_code == 201, answer.text
    return answer.json


def first_variant(product: Any) -> UUID:
    return UUID(product["variants"][0]["id"])
