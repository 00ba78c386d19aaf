from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.application.preconditions import require_version
from nexus.domain.catalog import Product, ProductFacts, Variant, refuse_same_options
from nexus.domain.inventory import StockItem
from nexus.domain.sales import SALE_FACTS, with_sale
from nexus.domain.shared import Money, ValidationFailed, new_id, within
from nexus.domain.slugs import chosen_slug

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """A variant to be; one without a SKU is given one."""

    sku: str | None = None
    name: str = ""
    price: Money | None = None
    sale_price: Money | None = None
    sale_starts_at: datetime | None = None
    sale_ends_at: datetime | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    is_active: bool = True
    low_stock_threshold: int | None = None
    stock: int = 0

    def variant(self, product_id: UUID, position: int, *, at: datetime) -> Variant:
        id_ = new_id()
        said = {name: getattr(self, name) for name in _OF_VARIANTS}
        said["sku"] = self.sku or f"SKU-{id_.hex[-10:].upper()}"
        return Variant(
            id_, product_id, position=position, updated_at=at, **with_sale(said, None, at=at)
        )


_OF_VARIANTS = ("name", "price", *SALE_FACTS, "options", "attributes", "is_active")


@dataclass(frozen=True)
class CreateProduct:
    """Put a product into the catalogue, with its variants and their opening stock.

    `categories` are keys by the field that names them, the primary one first.
    """

    start_work: StartWork
    now: Clock
    low_stock_default: int

    def __call__(
        self,
        *,
        facts: Mapping[str, Any],
        categories: Mapping[str, str],
        variants: Sequence[VariantDraft],
    ) -> UUID:
        at = self.now()
        with self.start_work() as work:
            product = self._product(work, facts, categories, at)
            made = drafted(variants, product, at=at)
            product.offer(*made)
            refuse_same_options(made)
            work.products.add(product, made)
            work.stock.add([self._stock(*pair) for pair in zip(made, variants, strict=True)])
            return product.id

    def _product(
        self, work: Work, facts: Mapping[str, Any], categories: Mapping[str, str], at: datetime
    ) -> Product:
        slug = chosen_slug(facts.get("slug"), facts["name"], work.products.taken_slugs)
        said = ProductFacts(**with_sale(facts, None, at=at) | {"slug": slug})
        return Product.create(said, chosen_categories(work, categories), at=at)

    def _stock(self, variant: Variant, draft: VariantDraft) -> StockItem:
        return opening_stock(variant, draft, default=self.low_stock_default, now=self.now)


@dataclass(frozen=True)
class RemoveProduct:
    """Take a product out of the shop; what was ever ordered is kept as discontinued."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, product: str, expected: Collection[int] | None) -> None:
        with self.start_work() as work:
            found = work.products.lock(product)
            require_version(found, expected)
            found.retire(at=self.now())
            if work.products.ordered_of([found.id]):
                work.products.save(found)
                return
            gallery = work.images.of(found.id)
            gallery.clear()
            work.images.save(gallery)
            work.products.remove(found)


def drafted(drafts: Sequence[VariantDraft], product: Product, *, at: datetime) -> list[Variant]:
    """Return the variants in their order; a refusal names which of them it means."""
    made = []
    for position, draft in enumerate(drafts):
        with within(f"variants.{position}"):
            variant = draft.variant(product.id, position, at=at)
            product.refuse_foreign(variant)
            made.append(variant)
    return made


def chosen_categories(work: Work, keys: Mapping[str, str]) -> list[UUID]:
    """Return the ids in order; name each field whose category does not exist."""
    if not keys:
        return []
    ids = work.categories.ids_of(set(keys.values()))
    if unknown := {path: ["No such category."] for path, key in keys.items() if key not in ids}:
        raise ValidationFailed(unknown)
    return [ids[key] for key in keys.values()]


def opening_stock(variant: Variant, draft: VariantDraft, *, default: int, now: Clock) -> StockItem:
    threshold = draft.low_stock_threshold
    return StockItem.opened(
        variant.id,
        variant.sku,
        threshold=default if threshold is None else threshold,
        on_hand=draft.stock,
        at=now(),
    )
