"""What every catalogue promises, in memory and in SQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nexus.application.ports.work import StartWork
from nexus.domain.catalog import (
    Option,
    Product,
    ProductFacts,
    ProductNotFound,
    ProductStatus,
    Variant,
    VariantNotFound,
)
from nexus.domain.categories import Category, CategoryNotEmpty, CategoryNotFound
from nexus.domain.inventory import StockItem
from nexus.domain.sales import Sale
from nexus.domain.shared import AlreadyExists, Money, Stale, ValidationFailed, new_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
UNTIL = NOON + timedelta(minutes=30)
HOUR = timedelta(hours=1)


def coffee(slug: str = "coffee", *categories: Category, **facts: Any) -> Product:
    said: dict[str, Any] = {"name": "Coffee", "slug": slug, "price": Money(250_00)} | facts
    return Product.create(ProductFacts(**said), [it.id for it in categories], at=NOON)


def variant_of(product: Product, sku: str = "COFFEE", **facts: Any) -> Variant:
    return Variant(new_id(), product.id, sku, updated_at=NOON, **facts)


def kept(store: StartWork, product: Product, *variants: Variant, stock: int = 10) -> Product:
    made = variants or (variant_of(product, product.facts.slug.upper()),)
    with store() as work:
        work.products.add(product, made)
        work.stock.add([opened(it, stock) for it in made])
    return product


def opened(variant: Variant, stock: int) -> StockItem:
    return StockItem.opened(variant.id, variant.sku, threshold=2, on_hand=stock, at=NOON)


class CategoriesContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    def tree(self, store: StartWork, *names: str) -> list[Category]:
        """Return categories, each below the one before it."""
        made: list[Category] = []
        with store() as work:
            for name in names:
                made.append(Category.below(made[-1] if made else None, name=name, slug=name))
                work.categories.add(made[-1])
        return made

    def test_returns_one_as_it_was_added_by_id_and_by_slug(self, store: StartWork) -> None:
        (home,) = self.tree(store, "home")

        with store() as work:
            assert work.categories.by_key("home") == home
            assert work.categories.by_key(str(home.id)) == home

    def test_refuses_an_unknown_one(self, store: StartWork) -> None:
        with store() as work, pytest.raises(CategoryNotFound):
            work.categories.by_key("nothing")

    def test_refuses_a_second_one_with_the_same_slug(self, store: StartWork) -> None:
        self.tree(store, "home")

        with pytest.raises(AlreadyExists, match="slug"):
            self.tree(store, "home")

    def test_moves_a_whole_branch(self, store: StartWork) -> None:
        _, kitchen, _ = self.tree(store, "home", "kitchen", "pans")
        (shop,) = self.tree(store, "shop")

        with store() as work:
            before = kitchen.path
            kitchen.move_below(shop)
            work.categories.save(kitchen)
            work.categories.rebase(before, kitchen.path)

        with store() as work:
            assert work.categories.by_key("pans").path.startswith(shop.path)
            assert not work.categories.by_key("home").path.startswith(shop.path)

    def test_keeps_one_that_has_something_in_it(self, store: StartWork) -> None:
        home, kitchen = self.tree(store, "home", "kitchen")
        kept(store, coffee("coffee", kitchen))

        for full in (home, kitchen):
            with store() as work, pytest.raises(CategoryNotEmpty):
                work.categories.remove(full)

    def test_hands_everything_over(self, store: StartWork) -> None:
        home, kitchen, _ = self.tree(store, "home", "kitchen", "pans")
        (shop,) = self.tree(store, "shop")
        product = kept(store, coffee("coffee", kitchen, shop))

        with store() as work:
            work.categories.empty_into(kitchen, shop)
            work.categories.remove(kitchen)

        with store() as work:
            assert work.categories.by_key("pans").parent_id == shop.id
            assert work.products.lock(str(product.id)).category_ids == (shop.id,)
            assert work.categories.by_key("home") == home

    def test_finds_the_ids_of_those_there_are(self, store: StartWork) -> None:
        home, kitchen = self.tree(store, "home", "kitchen")
        keys = ["home", str(kitchen.id), "nothing", str(new_id())]

        with store() as work:
            assert work.categories.ids_of(keys) == {"home": home.id, str(kitchen.id): kitchen.id}


class ProductsContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    def test_returns_one_as_it_was_added_by_id_and_by_slug(self, store: StartWork) -> None:
        product = coffee(
            compare_at_price=Money(300_00),
            tags=("strong", "ቡና"),
            attributes={"roast": "dark", "grams": 500, "organic": True},
            options=(Option("size", ("S", "M")),),
            dimensions={"width": 1.5},
        )
        kept(store, product, variant_of(product))

        with store() as work:
            assert work.products.lock("coffee") == product
            assert work.products.lock(str(product.id)) == product

    def test_refuses_unknown_ones(self, store: StartWork) -> None:
        with store() as work, pytest.raises(ProductNotFound):
            work.products.lock("nothing")
        with store() as work, pytest.raises(VariantNotFound):
            work.products.lock_variant(new_id())

    def test_refuses_a_slug_or_sku_that_is_taken(self, store: StartWork) -> None:
        first = coffee()
        kept(store, first, variant_of(first))
        second = coffee("tea")

        with pytest.raises(AlreadyExists, match="slug"):
            kept(store, coffee())
        with pytest.raises(AlreadyExists, match="sku"):
            kept(store, second, variant_of(second))

    def test_refuses_to_save_over_a_newer_version(self, store: StartWork) -> None:
        kept(store, coffee())
        with store() as work:
            seen = work.products.lock("coffee")
        with store() as work:
            work.products.save(work.products.lock("coffee"))

        with pytest.raises(Stale), store() as work:
            work.products.save(seen)

    def test_refuses_two_variants_on_sale_that_are_alike(self, store: StartWork) -> None:
        product = coffee()
        kept(store, product, variant_of(product, "A", options={"size": "M"}))

        with store() as work:
            retired = variant_of(product, "B", options={"size": "M"}, is_active=False)
            work.products.add_variants([retired])
        with pytest.raises(ValidationFailed), store() as work:
            work.products.add_variants([variant_of(product, "C", options={"size": "M"})])

    def test_knows_the_only_variant_as_long_as_it_is(self, store: StartWork) -> None:
        product = coffee()
        variant = variant_of(product)
        kept(store, product, variant)

        with store() as work:
            assert work.products.only_variant(product.id) == variant
            work.products.add_variants([variant_of(product, "L", options={"size": "L"})])
            assert work.products.only_variant(product.id) is None

    def test_knows_which_there_are(self, store: StartWork) -> None:
        product = kept(store, coffee())

        with store() as work:
            assert work.products.known({product.id, new_id()}) == {product.id}

    def test_tells_what_a_cart_must_know(self, store: StartWork) -> None:
        with store() as work:
            home = Category.below(None, name="Home", slug="home")
            kitchen = Category.below(home, name="Kitchen", slug="kitchen")
            work.categories.add(home)
            work.categories.add(kitchen)
        product = coffee("coffee", kitchen)
        large = variant_of(product, "LARGE", price=Money(400_00), options={"size": "L"})
        kept(store, product, large, stock=7)

        with store() as work:
            goods = work.products.for_sale([large.id, new_id()])

        assert list(goods) == [large.id]
        one = goods[large.id]
        assert (one.price, one.available, one.is_sold) == (Money(400_00), 7, True)
        assert (one.sku, one.name, one.product_slug) == ("LARGE", "Coffee", "coffee")
        assert one.category_ids == {home.id, kitchen.id}
        assert one.image is None

    def test_sells_active_variants_of_active_products_alone(self, store: StartWork) -> None:
        product, draft = coffee(), coffee("tea", status=ProductStatus.DRAFT)
        retired = variant_of(product, "OLD", is_active=False)
        sold = variant_of(product, "NEW", position=1)
        kept(store, product, retired, sold)
        kept(store, draft, variant_of(draft, "TEA"))

        with store() as work:
            assert [it.sku for it in work.products.sold_variants_of("coffee")] == ["NEW"]
            assert work.products.sold_variants_of("tea") == []
            assert work.products.sold_variants_of("nothing") == []
            assert not work.products.for_sale([retired.id])[retired.id].is_sold

    def test_remembers_what_was_ordered(self, store: StartWork) -> None:
        product = coffee()
        ordered, other = variant_of(product, "A"), variant_of(product, "B", options={"size": "M"})
        kept(store, product, ordered, other)

        with store() as work:
            order_id = new_id()
            work.stock.reserve(order_id, {ordered.id: 1}, until=UNTIL, at=NOON)
            work.stock.release(order_id, at=NOON, reason="cancelled")

        with store() as work:
            assert work.products.ordered_of([product.id, new_id()]) == {ordered.id}

    def test_forgets_a_product_with_all_that_is_its_own(self, store: StartWork) -> None:
        product = coffee()
        variant = variant_of(product)
        kept(store, product, variant)

        with store() as work:
            work.products.remove(work.products.lock("coffee"))

        with store() as work:
            assert work.products.for_sale([variant.id]) == {}
            with pytest.raises(ProductNotFound):
                work.products.lock("coffee")

    def test_returns_a_sale_as_it_was_said(self, store: StartWork) -> None:
        product = coffee(sale=Sale(Money(200_00), NOON - HOUR, NOON + HOUR))
        variant = variant_of(product, price=Money(300_00), sale=Sale(Money(280_00), NOON + HOUR))
        kept(store, product, variant)

        with store() as work:
            assert work.products.lock_variant(variant.id) == (product, variant)
            assert (product.asked, variant.asked) == (Money(200_00), Money(300_00))

    def test_finds_what_is_to_turn_by_then(self, store: StartWork) -> None:
        soon, later = NOON + HOUR, NOON + 2 * HOUR
        begins = kept(store, coffee("begins", sale=Sale(Money(1), soon)))
        kept(store, coffee("later", sale=Sale(Money(1), later)))
        kept(store, coffee("for-good", sale=Sale(Money(1))))
        other = coffee("of-variant")
        plain = variant_of(other, "PLAIN")
        turning = variant_of(
            other, "TURNING", price=Money(2), sale=Sale(Money(1), soon), options={"size": "M"}
        )
        kept(store, other, plain, turning)

        with store() as work:
            assert work.products.lock_turning(NOON, most=9) == []
            due = work.products.lock_turning(soon, most=9)
            assert len(work.products.lock_turning(soon, most=1)) == 1

        assert {it.facts.slug: of_it for it, of_it in due} == {
            begins.facts.slug: [],
            other.facts.slug: [turning],
        }

    def test_saves_many_at_once_or_none(self, store: StartWork) -> None:
        tea, mug = kept(store, coffee("tea")), kept(store, coffee("mug", tags=("a", "b")))
        with store() as work:
            stale = work.products.lock("tea")
            found = work.products.lock_all([tea.id, mug.id, new_id()])
            assert {it.id for it in found} == {tea.id, mug.id}
            for product in found:
                product.change({"brand": "Abol", "attributes": {"a": [1, None]}}, None, at=UNTIL)
            work.products.save_all(found)

        with store() as work:
            now = work.products.lock_all([tea.id, mug.id])
            assert sorted(now, key=lambda it: it.id) == sorted(found, key=lambda it: it.id)
            assert {it.version for it in now} == {1}
        with pytest.raises(Stale), store() as work:
            work.products.save_all([work.products.lock("mug"), stale])
        with store() as work:
            assert work.products.lock("mug").version == 1

    def test_knows_the_variants_of_several_products_in_order(self, store: StartWork) -> None:
        product, other = coffee(), coffee("tea")
        last = variant_of(product, "A", position=1, price=Money(5))
        first = variant_of(product, "B", options={"size": "M"})
        kept(store, product, last, first)
        kept(store, other)

        with store() as work:
            assert work.products.variants_of([product.id]) == [first, last]
            assert len(work.products.variants_of([product.id, other.id])) == 3
            assert work.products.priced_variants_of([product.id, other.id]) == [last]

    def test_keeps_the_categories_that_nobody_changed(self, store: StartWork) -> None:
        with store() as work:
            home, garden = (Category.below(None, name=it, slug=it) for it in ("home", "garden"))
            work.categories.add(home)
            work.categories.add(garden)
        kept(store, coffee("coffee", home, garden))

        for ids in (None, [garden.id], []):
            with store() as work:
                product = work.products.lock("coffee")
                product.change({}, ids, at=UNTIL)
                work.products.save_all([product])
            with store() as work:
                found = work.products.lock("coffee").category_ids
            assert found == ((home.id, garden.id) if ids is None else tuple(ids))
