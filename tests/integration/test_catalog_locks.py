"""Whoever changes what is sold keeps nobody who buys it, and is kept by nobody."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.integration.catalogue import make
from tests.integration.shop import Shop

# What an order being placed holds of its product and of its variant.
BUYS = ("SELECT FROM variants FOR KEY SHARE", "SELECT FROM products FOR KEY SHARE")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/products/mug", {"price": "90.00", "sku": "MUG", "stock": 3}),
        ("PATCH", "/products/mug", {"variants": [{"sku": "MUG", "price": "80.00"}]}),
        ("PATCH", "/variants/{variant}", {"price": "90.00", "name": "Large"}),
        ("POST", "/products/mug/variants", {"options": {"size": "L"}}),
        ("POST", "/products/bulk", {"ids": ["{product}"], "price": {"change_amount": "-1.00"}}),
    ],
)
def test_a_change_waits_for_no_order(shop: Shop, method: str, path: str, body: Any) -> None:
    staff = shop.staff("catalog.write")
    mug = make(staff, sku="MUG")
    variant_id = mug["variants"][0]["id"]
    if "ids" in body:
        body = body | {"ids": [mug["id"]]}

    with shop.engine.connect() as order:
        for held in BUYS:
            order.execute(text(held))
        answer = staff.call(method, path.format(variant=variant_id), body)

    assert answer.status_code in (200, 201), answer.json


def test_an_order_waits_for_no_change(shop: Shop) -> None:
    variant_id = shop.sell("Mug")
    abebe = shop.customer()
    abebe.put_in(variant_id)

    with shop.container.work() as work:
        product, variant = work.products.lock_variant(variant_id)
        work.products.save(product)
        work.products.save_variants([variant])
        placed = abebe.check_out()

    assert placed.status_code == 201
