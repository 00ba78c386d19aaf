from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor

MANY = 6


def at_once(staff: Visitor, path: str, *bodies: dict[str, Any]) -> list[Any]:
    def post(body: dict[str, Any]) -> Any:
        return Visitor(staff.client.application.test_client(), staff.token).post(path, body)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(post, bodies))


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


class TestManyAtOnce:
    @pytest.mark.parametrize("path", ["/products", "/categories", "/collections"])
    def test_get_slugs_of_their_own_for_one_name(self, staff: Visitor, path: str) -> None:
        body = {"name": "Mug"} | ({"price": "1.00"} if path == "/products" else {})

        made = at_once(staff, path, *[body] * MANY)

        assert [it.status_code for it in made] == [201] * MANY
        assert len({it.json["slug"] for it in made}) == MANY

    @pytest.mark.parametrize("field", ["sku", "slug"])
    def test_are_told_what_the_first_has_taken(self, staff: Visitor, field: str) -> None:
        bodies = [{"name": f"Mug {it}", "price": "1.00", field: "mug"} for it in range(MANY)]

        made = at_once(staff, "/products", *bodies)

        outcomes = Counter((it.json.get("code"), it.json.get("field")) for it in made)
        assert outcomes == {(None, None): 1, ("already_exists", field): MANY - 1}

    def test_add_one_variant_of_a_sku(self, staff: Visitor) -> None:
        paths = [f"/products/{make(staff, f'Mug {it}')['slug']}/variants" for it in range(MANY)]
        body = {"sku": "LARGE", "options": {"size": "L"}}

        with ThreadPoolExecutor(MANY) as pool:
            made = list(pool.map(lambda path: at_once(staff, path, body)[0], paths))

        outcomes = Counter((it.json.get("code"), it.json.get("field")) for it in made)
        assert outcomes == {(None, None): 1, ("already_exists", "sku"): MANY - 1}

    def test_do_not_wait_for_each_other_whatever_order_they_name_skus_in(
        self, staff: Visitor
    ) -> None:
        skus = [f"MUG-{it}" for it in range(20)]

        def mugs(name: str, skus: list[str]) -> dict[str, Any]:
            variants = [{"sku": it, "options": {"print": it}} for it in skus]
            return {"name": name, "price": "1.00", "variants": variants}

        made = at_once(staff, "/products", mugs("Up", skus), mugs("Down", skus[::-1]))

        assert sorted(it.status_code for it in made) == [201, 409]
        assert {it.json["field"] for it in made if it.status_code == 409} == {"sku"}
