"""The listings follow whatever is written, and whoever writes it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from tests.contracts.inventory import reserve
from tests.integration.catalogue import first_variant, make
from tests.integration.shop import Shop, Visitor

KEPT = ("Every listing says what its product does", "A category's count is the number of active")


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    staff = shop.staff("catalog.write", "stock.write")
    for name, parent in (("A", None), ("B", "a"), ("C", "b"), ("D", None)):
        staff.post("/categories", {"name": name, "parent_id": parent})
    return staff


@pytest.fixture(autouse=True)
def all_is_right(shop: Shop) -> Iterator[None]:
    """Whatever a test did, the listings agree with the products in the end."""
    yield
    books = shop.container.books()
    for book in books.names:
        if book.startswith(KEPT):
            assert books.wrong(book) == [], book


def counts(visitor: Visitor) -> dict[str, int]:
    return {it["slug"]: it["product_count"] for it in visitor.get("/categories").json}


def found(visitor: Visitor, query: str) -> list[str]:
    return [it["slug"] for it in visitor.get(f"/products?{query}").json["results"]]


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(deeds)) as pool:
        return [it.result() for it in [pool.submit(deed) for deed in deeds]]


class TestProducts:
    def test_are_listed_in_their_category_and_all_above_it(self, staff: Visitor) -> None:
        make(staff, category="c", category_ids=[staff.get("/categories/a").json["id"]])

        assert counts(staff) == {"a": 1, "b": 1, "c": 1, "d": 0}
        assert found(staff, "category=a") == found(staff, "category=c") == ["mug"]

    def test_move_with_their_categories(self, staff: Visitor) -> None:
        make(staff, category="c")

        staff.patch("/products/mug", {"category": "d"})

        assert counts(staff) == {"a": 0, "b": 0, "c": 0, "d": 1}

    @pytest.mark.parametrize("status", ["draft", "inactive", "discontinued"])
    def test_are_counted_while_they_are_active(
        self, staff: Visitor, shop: Shop, status: str
    ) -> None:
        make(staff, category="c", status=status)
        assert counts(staff)["c"] == 0
        assert found(staff, f"status={status}&category=a") == ["mug"]

        staff.patch("/products/mug", {"status": "active"})

        assert counts(staff)["c"] == 1
        assert found(shop.visitor(), "category=a") == ["mug"]

    def test_take_their_new_price_along(self, staff: Visitor) -> None:
        make(staff, "Cup", price="2.00", category="c")
        make(staff, "Mug", price="1.00", category="c")

        staff.patch("/products/mug", {"price": "3.00", "compare_at_price": "4.00"})

        assert found(staff, "category=c&ordering=price") == ["cup", "mug"]
        assert found(staff, "on_sale=true") == ["mug"]

    def test_are_forgotten_when_they_are_removed(self, staff: Visitor, shop: Shop) -> None:
        make(staff, category="c", stock=1)

        staff.delete("/products/mug")

        assert shop.one("SELECT count(*) FROM listings")[0] == 0
        assert counts(staff)["a"] == 0

    def test_follow_a_bulk_update_that_goes_past_the_application(
        self, staff: Visitor, shop: Shop
    ) -> None:
        for name in ("Cup", "Mug", "Pot"):
            make(staff, name, category="c")

        with shop.engine.begin() as db:
            db.execute(text("UPDATE products SET status = 'inactive' WHERE slug <> 'pot'"))
            db.execute(text("UPDATE products SET price_minor = 1, name = 'Jar'"))

        assert counts(staff)["a"] == 1
        assert found(shop.visitor(), "max_price=0.01") == ["pot"]


class TestCategories:
    def test_take_their_products_along(self, staff: Visitor) -> None:
        make(staff, category="c")

        staff.patch("/categories/b", {"parent_id": "d"})

        assert counts(staff) == {"a": 0, "b": 1, "c": 1, "d": 1}

    def test_hand_their_products_over(self, staff: Visitor) -> None:
        make(staff, category="b")
        make(staff, "Cup", category="c")

        staff.delete("/categories/b?reassign_to=d")

        assert counts(staff) == {"a": 0, "c": 1, "d": 2}


class TestStock:
    def test_is_known_to_run_out_and_to_come_back(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff, stock=1))
        order_id = reserve(shop.container.work, {variant_id: 1})
        assert (found(staff, "in_stock=true"), found(staff, "in_stock=false")) == ([], ["mug"])

        with shop.container.work() as work:
            work.stock.release(order_id, at=shop.container.clock()(), reason="cancelled")

        assert (found(staff, "in_stock=true"), found(staff, "in_stock=false")) == (["mug"], [])

    def test_of_two_variants_may_run_out_at_once(self, staff: Visitor, shop: Shop) -> None:
        for number in range(5):
            made = make(
                staff,
                f"Mug {number}",
                variants=[{"options": {"size": it}, "stock": 1} for it in "SML"],
            )
            at_once(
                *(
                    lambda it=it: reserve(shop.container.work, {it["id"]: 1})
                    for it in made["variants"]
                )
            )

        assert len(found(staff, "in_stock=false")) == 5

    def test_of_a_variant_that_is_sold_no_longer_does_not_count(self, staff: Visitor) -> None:
        made = make(
            staff,
            variants=[{"options": {"size": it}, "stock": n} for it, n in (("S", 1), ("M", 0))],
        )

        staff.patch(f"/variants/{made['variants'][0]['id']}", {"is_active": False})

        assert found(staff, "in_stock=true") == []


class TestPopularity:
    def test_follows_what_was_sold_when_it_is_counted(self, staff: Visitor, shop: Shop) -> None:
        sold = {it: first_variant(make(staff, it, stock=9)) for it in ("Cup", "Mug", "Pot")}
        for name, quantity in (("Mug", 3), ("Pot", 5)):
            order_id = reserve(shop.container.work, {sold[name]: quantity})
            with shop.container.work() as work:
                work.stock.commit(order_id, at=shop.container.clock()())

        assert [shop.container.count_sales()() for _ in range(2)] == [2, 0]

        assert found(staff, "ordering=-popularity") == ["pot", "mug", "cup"]


class TestManyAtOnce:
    def test_nobody_waits_for_each_other(self, staff: Visitor, shop: Shop) -> None:
        """Staff edit products and stock, move categories and create products, as orders come in."""
        made = [make(staff, f"Mug {number}", category="c", stock=40) for number in range(4)]
        variants = [first_variant(it) for it in made]

        def order() -> None:
            for _ in range(8):
                reserve(shop.container.work, dict.fromkeys(variants, 5))

        def edit() -> list[int]:
            return [
                staff.patch(
                    f"/products/mug-{it % 4}", {"price": it + 1, "stock": 40 + it}
                ).status_code
                for it in range(12)
            ]

        def move() -> list[int]:
            return [
                staff.patch("/categories/b", {"parent_id": "ad"[it % 2]}).status_code
                for it in range(6)
            ]

        def create() -> list[int]:
            body = {"name": "Pot", "price": 1, "category": "c"}
            return [staff.post("/products", body).status_code for _ in range(8)]

        _, edited, moved, created = at_once(order, edit, move, create)

        assert (set(moved), set(created)) == ({200}, {201})
        assert set(edited) <= {200, 409}
        assert counts(staff)["c"] == 12
