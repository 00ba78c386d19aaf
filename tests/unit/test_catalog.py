from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus.adapters.memory.store import MemoryStore
from nexus.application.catalog.categories import ChangeCategory, CreateCategory, RemoveCategory
from nexus.application.catalog.changes import ChangeProduct
from nexus.application.catalog.products import CreateProduct, RemoveProduct, VariantDraft
from nexus.application.catalog.variants import AddVariant, ChangeVariant, RemoveVariant
from nexus.domain.catalog import LastVariant, ProductNotFound, ProductStatus
from nexus.domain.shared import Money, PreconditionFailed, ValidationFailed
from nexus.domain.slugs import SLUG_MAX, checked_slug, free_slug, slug_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def noon() -> datetime:
    return NOON


class TestSlugs:
    @pytest.mark.parametrize(
        ("name", "slug"),
        [
            ("Phones & Tablets", "phones-tablets"),
            ("  Men's   shoes ", "mens-shoes"),
            ("የቡና መፍጫ", "የቡና-መፍጫ"),
            ("Café №5", "café-no5"),
            ("!!!", "item"),
            ("550e8400-e29b-41d4-a716-446655440000", "item-550e8400-e29b-41d4-a716-446655440000"),
        ],
    )
    def test_are_made_from_names_in_any_script(self, name: str, slug: str) -> None:
        assert slug_of(name) == slug

    @given(st.text(max_size=300))
    def test_are_always_good_enough_to_be_given(self, name: str) -> None:
        assert checked_slug(slug_of(name)) == slug_of(name)

    def test_count_on_where_one_is_taken(self) -> None:
        longest = "a" * SLUG_MAX

        assert free_slug("mug", {"mug-2"}) == "mug"
        assert free_slug("mug", {"mug", "mug-2", "mug-4"}) == "mug-3"
        assert len(free_slug(longest, {longest})) <= SLUG_MAX

    def test_are_never_words_that_mean_something_else_in_addresses(self) -> None:
        assert free_slug(slug_of("Facets"), ()) == "facets-2"
        with pytest.raises(ValidationFailed):
            checked_slug("Suggest")


class Keeper:
    """The use cases of whoever keeps the catalogue, over one store."""

    def __init__(self) -> None:
        store = self.store = MemoryStore()
        self.create_category = CreateCategory(store)
        self.change_category = ChangeCategory(store)
        self.remove_category = RemoveCategory(store)
        self.create = CreateProduct(store, noon, 5)
        self.change = ChangeProduct(store, noon, 5)
        self.remove = RemoveProduct(store, noon)
        self.add_variant = AddVariant(store, noon, 5)
        self.change_variant = ChangeVariant(store, noon, 5)
        self.remove_variant = RemoveVariant(store, noon)

    def mug(self, *variants: VariantDraft, **categories: str) -> str:
        facts = {"name": "Mug", "price": Money(100_00)}
        drafts = variants or (VariantDraft(stock=10),)
        return str(self.create(facts=facts, categories=categories, variants=drafts))

    def events(self) -> list[str]:
        return [it.name for it in self.store.events]


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


class TestProducts:
    def test_become_something_to_sell_with_stock(self, keeper: Keeper) -> None:
        product = keeper.mug(VariantDraft(stock=3), VariantDraft(options={"size": "L"}))

        with keeper.store() as work:
            first, second = work.products.sold_variants_of(product)
            assert (first.available, second.available, second.price) == (3, 0, Money(100_00))
            assert work.stock.lock(first.variant_id).threshold == 5
        assert keeper.events() == ["product.created"]

    def test_are_refused_a_category_that_does_not_exist(self, keeper: Keeper) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            keeper.mug(category="nothing")

        assert list(refusal.value.errors) == ["category"]

    def test_keep_their_categories_unless_told(self, keeper: Keeper) -> None:
        kitchen = keeper.create_category(facts={"name": "Kitchen"})
        product = keeper.mug(category="kitchen")

        keeper.change(product=product, changes={"brand": "A"}, categories=None, expected=None)
        with keeper.store() as work:
            assert work.products.lock("mug").category_ids == (kitchen,)

        keeper.change(product=product, changes={}, categories={}, expected=None)
        with keeper.store() as work:
            assert work.products.lock("mug").category_ids == ()

    def test_are_not_changed_by_who_saw_an_older_one(self, keeper: Keeper) -> None:
        product = keeper.mug()
        change: dict[str, Any] = {"changes": {"brand": "A"}, "categories": None}
        keeper.change(product=product, expected={0}, **change)

        with pytest.raises(PreconditionFailed):
            keeper.change(product=product, expected={0}, **change)

    def test_are_kept_once_they_were_ordered(self, keeper: Keeper) -> None:
        product = keeper.mug()
        with keeper.store() as work:
            (mug,) = work.products.sold_variants_of(product)
            work.stock.reserve(mug.product_id, {mug.variant_id: 1}, until=NOON, at=NOON)

        keeper.remove(product=product, expected=None)

        with keeper.store() as work:
            assert work.products.lock(product).facts.status is ProductStatus.DISCONTINUED
        assert keeper.events()[-1] == "product.retired"

    def test_are_gone_if_nobody_ordered_them(self, keeper: Keeper) -> None:
        keeper.remove(product=keeper.mug(), expected=None)

        with keeper.store() as work, pytest.raises(ProductNotFound):
            work.products.lock("mug")
        assert keeper.events()[-1] == "product.retired"


class TestVariants:
    def test_warn_at_a_level_of_their_own(self, keeper: Keeper) -> None:
        product = keeper.mug()
        id_ = keeper.add_variant(product=product, draft=VariantDraft(options={"a": "b"}, stock=9))

        for threshold, warns_at in ((8, 8), (None, 5)):
            changes = {"low_stock_threshold": threshold}
            keeper.change_variant(variant_id=id_, changes=changes, expected=None)
            with keeper.store() as work:
                assert work.stock.lock(id_).threshold == warns_at

    def test_never_leave_a_product_without_one(self, keeper: Keeper) -> None:
        product = keeper.mug()
        with keeper.store() as work:
            (mug,) = work.products.sold_variants_of(product)

        with pytest.raises(LastVariant):
            keeper.remove_variant(variant_id=mug.variant_id, expected=None)


class TestCategories:
    def test_hand_over_what_is_in_them(self, keeper: Keeper) -> None:
        for name in ("A", "B"):
            keeper.create_category(facts={"name": name})
        keeper.create_category(facts={"name": "C", "parent_id": "a"})

        keeper.remove_category(category="a", reassign_to="b", expected=None)

        with keeper.store() as work:
            assert work.categories.by_key("c").path.startswith(work.categories.by_key("b").path)

    def test_do_not_lie_within_themselves(self, keeper: Keeper) -> None:
        keeper.create_category(facts={"name": "A"})
        keeper.create_category(facts={"name": "B", "parent_id": "a"})

        with pytest.raises(ValidationFailed):
            keeper.change_category(category="a", changes={"parent_id": "b"}, expected=None)
