"""How many statements each call costs that says, wishes or waits for something."""

from typing import Any

import pytest

from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor

MOST = {
    "POST /reviews": 8,
    "GET /reviews/{review}": 2,
    "PATCH /reviews/{review}": 6,
    "PUT /reviews/{review}/helpful": 5,
    "DELETE /reviews/{review}/helpful": 3,
    "DELETE /reviews/{review}": 5,
    "POST /wishlist": 6,
    "GET /wishlist": 2,
    "POST /wishlist/{wish}/move-to-cart": 8,
    "DELETE /wishlist/{other}": 2,
    "POST /wishlist/lists": 5,
    "GET /wishlist/lists": 2,
    "PATCH /wishlist/lists/{list}": 4,
    "POST /wishlist/lists/{list}/share": 3,
    "DELETE /wishlist/lists/{list}/share": 3,
    "DELETE /wishlist/lists/{list}": 3,
    "GET /wishlist/shared/{token}": 2,
    "POST /products/{plate}/back-in-stock": 5,
    "DELETE /products/{plate}/back-in-stock": 2,
}


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


@pytest.fixture
def hana(shop: Shop) -> Visitor:
    return shop.customer("hana")


@pytest.fixture
def things(shop: Shop, staff: Visitor, hana: Visitor) -> dict[str, str]:
    """What there is to call by, in a shop where Hana has one of each."""
    mug, cup = make(staff, stock=5), make(staff, "Cup", stock=5)
    plate = make(staff, "Plate", stock=0)
    eves = shop.customer("eve").post("/reviews", {"product_id": cup["id"], "rating": 5}).json
    mine = hana.post("/reviews", {"product_id": cup["id"], "rating": 5}).json
    wish, other = (hana.post("/wishlist", {"product_id": it["id"]}).json for it in (mug, cup))
    kept = hana.post("/wishlist/lists", {"name": "House"}).json["id"]
    hana.post("/wishlist/lists", {"name": "Garden"})
    default = hana.get("/wishlist/lists").json[0]["id"]
    hana.post(f"/products/{plate['id']}/back-in-stock", {})
    return {
        "product": mug["id"],
        "review": mine["id"],
        "eves": eves["id"],
        "wish": wish["id"],
        "other": other["id"],
        "list": kept,
        "plate": plate["id"],
        "token": hana.post(f"/wishlist/lists/{default}/share").json["token"],
    }


@pytest.mark.parametrize("call", MOST)
def test_are_as_few_as_they_were(
    shop: Shop, hana: Visitor, things: dict[str, str], call: str
) -> None:
    method, path = call.format(**things).split()
    if path.endswith("/helpful"):
        path = path.replace(things["review"], things["eves"])
    bodies: dict[str, Any] = {
        "/reviews": {"product_id": things["product"], "rating": 5},
        "/wishlist": {"product_id": things["plate"]},
        "/wishlist/lists": {"name": "Kitchen"},
        f"/reviews/{things['review']}": {"rating": 1},
        f"/wishlist/lists/{things['list']}": {"name": "Office"},
        f"/products/{things['plate']}/back-in-stock": {},
    }
    body = bodies.get(path) if method in ("POST", "PATCH") else None

    with shop.statements() as sent:
        answer = hana.call(method, path, body)

    assert answer.status_code < 300, answer.text
    assert len(sent) <= MOST[call], sent
