"""What becomes of a product's variants when they are said all at once, and of many products."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus.adapters.memory.store import MemoryStore
from nexus.application.catalog.assortment import WantedVariant, arrange
from nexus.application.catalog.bulk import ChangeProducts, CommonChange
from nexus.application.catalog.changes import ChangeProduct
from nexus.application.catalog.products import CreateProduct, VariantDraft
from nexus.domain.catalog import Product, ProductFacts, Variant
from nexus.domain.price_changes import PriceShift
from nexus.domain.shared import Money, ValidationFailed, new_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
letters = st.lists(st.sampled_from("ABCDEF"), unique=True)


def tee() -> Product:
    facts = ProductFacts(name="Tee", slug="tee", price=Money(50_00))
    return Product.create(facts, (), at=NOON)


def variants_of(product: Product, skus: Sequence[str]) -> list[Variant]:
    return [
        Variant(new_id(), product.id, it, options={"size": it}, position=at, updated_at=NOON)
        for at, it in enumerate(skus)
    ]


def named(skus: Sequence[str], **said: Any) -> list[WantedVariant]:
    return [WantedVariant({"sku": it, "options": {"size": it}} | said) for it in skus]


class TestArrange:
    @given(letters, letters)
    def test_makes_the_whole_what_is_wanted(self, before: list[str], after: list[str]) -> None:
        product = tee()
        there = variants_of(product, before)

        planned = arrange(product, there, named(after), is_whole=True, at=NOON)

        assert [it.variant.sku for it in planned.named] == after
        assert [it.variant.position for it in planned.named] == list(range(len(after)))
        assert {it.sku for it in planned.dropped} == set(before) - set(after)
        assert {it.sku for it, _ in planned.added} == set(after) - set(before)

    @given(letters, letters)
    def test_leaves_those_that_are_not_named(self, before: list[str], after: list[str]) -> None:
        product = tee()
        there = variants_of(product, before)

        planned = arrange(product, there, named(after, name="New"), is_whole=False, at=NOON)

        assert planned.dropped == []
        assert {it.sku for it in planned.changed} == set(before) & set(after)
        positions = [it.position for it in there] + [it.position for it, _ in planned.added]
        assert len(set(positions)) == len(positions)

    @given(letters)
    def test_changes_nothing_that_is_already_so(self, skus: list[str]) -> None:
        product = tee()
        there = variants_of(product, skus)

        planned = arrange(product, there, named(skus), is_whole=True, at=NOON)

        assert planned.changed == []

    def test_refuses_more_than_a_product_may_have(self) -> None:
        product = tee()
        there = variants_of(product, [f"T{it}" for it in range(1000)])

        with pytest.raises(ValidationFailed):
            arrange(product, there, named(["ONE-MORE"]), is_whole=False, at=NOON)

    def test_refuses_one_that_differs_in_nothing_from_one_that_stays(self) -> None:
        product = tee()
        there = variants_of(product, "A")
        twin = WantedVariant({"sku": "B", "options": {"size": "A"}})

        with pytest.raises(ValidationFailed) as refusal:
            arrange(product, there, [twin], is_whole=False, at=NOON)

        assert list(refusal.value.errors) == ["variants.0.options"]
        assert arrange(product, there, [twin], is_whole=True, at=NOON).dropped == there


class Keeper:
    def __init__(self) -> None:
        store = self.store = MemoryStore()
        self.create = CreateProduct(store, lambda: NOON, 5)
        self.change = ChangeProduct(store, lambda: NOON, 5)
        self.change_many = ChangeProducts(store, lambda: NOON)

    def product(self, name: str, *variants: VariantDraft, price: int = 100_00) -> Any:
        facts = {"name": name, "price": Money(price)}
        return self.create(facts=facts, categories={}, variants=variants or [VariantDraft()])


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


class TestChangeProduct:
    def test_counts_the_stock_of_old_and_new_variants(self, keeper: Keeper) -> None:
        keeper.product("Mug", VariantDraft(sku="A", stock=3))
        said = [WantedVariant({"sku": "A", "stock": 5, "low_stock_threshold": 1})]
        said += [WantedVariant({"sku": "B", "options": {"size": "L"}, "stock": 2})]

        keeper.change(
            product="mug", changes={}, categories=None, expected=None, variants=said, is_whole=True
        )

        with keeper.store() as work:
            goods = work.products.sold_variants_of("mug")
            assert [(it.sku, it.available) for it in goods] == [("A", 5), ("B", 2)]
            assert work.stock.lock(goods[0].variant_id).threshold == 1
        assert [it.name for it in keeper.store.events].count("product.updated") == 1


class TestChangeProducts:
    def test_shifts_every_price_there_is(self, keeper: Keeper) -> None:
        large = VariantDraft(options={"size": "L"}, price=Money(33))
        ids = [keeper.product("Mug", VariantDraft(), large), keeper.product("Cup", price=5)]

        shift = CommonChange(facts={}, price=PriceShift(percent=Decimal(50)))
        changed = keeper.change_many(product_ids=ids, change=shift)

        with keeper.store() as work:
            mug = [it.price.minor for it in work.products.sold_variants_of("mug")]
            cup = [it.price.minor for it in work.products.sold_variants_of("cup")]
        assert (changed, mug, cup) == (2, [150_00, 50], [8])

    def test_names_each_that_there_is_not(self, keeper: Keeper) -> None:
        ids = [new_id(), keeper.product("Mug"), new_id()]

        with pytest.raises(ValidationFailed) as refusal:
            keeper.change_many(product_ids=ids, change=CommonChange(facts={"is_featured": True}))

        assert set(refusal.value.errors) == {"ids.0", "ids.2"}

    def test_refuses_more_tags_than_a_product_has_room_for(self, keeper: Keeper) -> None:
        ids = [keeper.product("Mug")]
        many = CommonChange(facts={}, add_tags=[str(it) for it in range(51)])

        with pytest.raises(ValidationFailed) as refusal:
            keeper.change_many(product_ids=ids, change=many)

        assert list(refusal.value.errors) == ["ids.0.tags"]
