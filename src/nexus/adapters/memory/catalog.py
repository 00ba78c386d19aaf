from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from nexus.adapters.memory.tables import Tables
from nexus.application.ports.catalog import ForSale
from nexus.domain.catalog import (
    Product,
    ProductNotFound,
    ProductStatus,
    Variant,
    VariantNotFound,
)
from nexus.domain.categories import DEEPEST, Category, CategoryNotEmpty, CategoryNotFound, too_deep
from nexus.domain.images import Gallery
from nexus.domain.shared import AlreadyExists, Stale, invalid
from nexus.domain.slugs import SLUG_MAX


class MemoryCategories:
    def __init__(self, tables: Tables) -> None:
        self._categories = tables.table("categories")
        self._products = tables.table("products")

    def add(self, category: Category) -> None:
        self._check(category)
        self._categories.insert(category.id, category)

    def save(self, category: Category) -> None:
        self._check(category)
        self._categories.update(category.id, category)

    def _check(self, category: Category) -> None:
        if self._categories.first(lambda it: it.slug == category.slug and it.id != category.id):
            raise AlreadyExists("slug")

    def remove(self, category: Category) -> None:
        below = self._categories.first(lambda it: it.parent_id == category.id)
        if below or self._products.first(lambda it: category.id in it.category_ids):
            raise CategoryNotEmpty(category.id)
        self._categories.delete(category.id)

    def lock_tree(self) -> None:
        """Nobody else is here."""

    def by_key(self, key: str) -> Category:
        found: Category | None = self._categories.first(lambda it: key in (str(it.id), it.slug))
        if found is None:
            raise CategoryNotFound(key)
        return found

    def rebase(self, before: str, after: str) -> None:
        for it in self._categories.where(lambda it: it.path.startswith(before)):
            if it.path != before:
                it.path = after + it.path.removeprefix(before)
                if it.path.count("/") > DEEPEST:
                    raise too_deep()
                self._categories.insert(it.id, it)

    def empty_into(self, category: Category, other: Category) -> None:
        for child in self._categories.where(lambda it: it.parent_id == category.id):
            child.parent_id = other.id
            self._categories.insert(child.id, child)
        self.rebase(category.path, other.path)
        for it in self._products.where(lambda it: category.id in it.category_ids):
            ids = (other.id if id_ == category.id else id_ for id_ in it.category_ids)
            self._products.insert(it.id, replace(it, category_ids=tuple(dict.fromkeys(ids))))

    def ids_of(self, keys: Collection[str]) -> dict[str, UUID]:
        found = self._categories.where(lambda it: str(it.id) in keys or it.slug in keys)
        return {key: it.id for it in found for key in (str(it.id), it.slug) if key in keys}

    def taken_slugs(self, slug: str) -> set[str]:
        return {it.slug for it in self._categories.where(lambda it: it.slug.startswith(slug))}


class MemoryProducts:
    def __init__(self, tables: Tables) -> None:
        self._categories = tables.table("categories")
        self._products = tables.table("products")
        self._variants = tables.table("variants")
        self._galleries = tables.table("product_images")
        self._stock = tables.table("stock_items")
        self._reservations = tables.table("reservations")
        self._orders = tables.table("orders")

    def add(self, product: Product, variants: Sequence[Variant]) -> None:
        self._check(product)
        self._products.insert(product.id, product)
        self.add_variants(variants)

    def save(self, product: Product) -> None:
        self._check(product)
        self._products.update(product.id, product)

    def save_all(self, products: Sequence[Product]) -> None:
        for product in products:
            self.save(product)

    def _check(self, product: Product) -> None:
        slug = product.facts.slug
        if self._products.first(lambda it: it.facts.slug == slug and it.id != product.id):
            raise AlreadyExists("slug")

    def remove(self, product: Product) -> None:
        self.remove_variants(self.variants_of([product.id]))
        self._products.update(product.id, product)
        self._products.delete(product.id)

    def lock(self, key: str) -> Product:
        found: Product | None = self._products.first(lambda it: key in (str(it.id), it.facts.slug))
        if found is None:
            raise ProductNotFound(key)
        return found

    def lock_all(self, product_ids: Collection[UUID]) -> list[Product]:
        return self._products.where(lambda it: it.id in product_ids)

    def lock_turning(self, at: datetime, *, most: int) -> list[tuple[Product, list[Variant]]]:
        due = self._variants.where(lambda it: _is_due(it, at))
        ids = {it.product_id for it in due}
        found = self._products.where(lambda it: it.id in ids or _is_due(it, at))[:most]
        return [(it, [each for each in due if each.product_id == it.id]) for it in found]

    def on_show(self, key: str) -> UUID:
        product = self.lock(key)
        if product.facts.status is not ProductStatus.ACTIVE:
            raise ProductNotFound(key)
        return product.id

    def taken_slugs(self, slug: str) -> set[str]:
        alike = self._products.where(lambda it: it.facts.slug.startswith(slug))
        return {it.facts.slug for it in alike}

    def slugs_like(self, slugs: Collection[str]) -> set[str]:
        known = {it.facts.slug for it in self._products.where(lambda _: True)}
        beginnings = tuple(
            f"{it[: SLUG_MAX - 8]}-{no}" for it in known & {*slugs} for no in range(10)
        )
        return {it for it in known if it in slugs or it.startswith(beginnings)}

    def add_all(
        self, made: Sequence[tuple[Product, Sequence[Variant]]], more: Sequence[Variant]
    ) -> None:
        for product, variants in made:
            self.add(product, variants)
        self.add_variants(more)

    def of_skus(self, skus: Collection[str]) -> set[UUID]:
        return {it.product_id for it in self._variants.where(lambda it: it.sku in skus)}

    def add_variants(self, variants: Sequence[Variant]) -> None:
        for variant in variants:
            self._check_variant(variant)
            self._variants.insert(variant.id, variant)

    def save_variants(self, variants: Sequence[Variant]) -> None:
        for variant in variants:
            self._check_variant(variant)
            self._variants.update(variant.id, variant)

    def _check_variant(self, variant: Variant) -> None:
        others = self._variants.where(lambda it: it.id != variant.id)
        if any(it.sku == variant.sku for it in others):
            raise AlreadyExists("sku")
        mine = [it.options for it in others if it.product_id == variant.product_id and it.is_active]
        if variant.is_active and variant.options in mine:
            raise invalid("options", "Another variant has the same options.")

    def remove_variants(self, variants: Sequence[Variant]) -> None:
        if self.ordered_of({it.product_id for it in variants}) & {it.id for it in variants}:
            raise Stale
        for variant in variants:
            self._variants.delete(variant.id)
            if self._stock.get(variant.id):
                self._stock.delete(variant.id)

    def lock_variant(self, variant_id: UUID) -> tuple[Product, Variant]:
        variant = self._variants.get(variant_id)
        if variant is None:
            raise VariantNotFound(variant_id)
        return self.lock(str(variant.product_id)), variant

    def count_variants(self, product_id: UUID) -> int:
        return len(self.variants_of([product_id]))

    def only_variant(self, product_id: UUID) -> Variant | None:
        variants = self.variants_of([product_id])
        return variants[0] if len(variants) == 1 else None

    def known(self, product_ids: Collection[UUID]) -> set[UUID]:
        return {id_ for id_ in product_ids if self._products.get(id_)}

    def variants_of(self, product_ids: Collection[UUID]) -> list[Variant]:
        theirs = self._variants.where(lambda it: it.product_id in product_ids)
        return sorted(theirs, key=lambda it: (it.product_id, it.position, it.id))

    def priced_variants_of(self, product_ids: Collection[UUID]) -> list[Variant]:
        return [it for it in self.variants_of(product_ids) if it.price is not None]

    def ordered_of(self, product_ids: Collection[UUID]) -> set[UUID]:
        held = {it.variant_id for it in self._reservations.where(lambda _: True)}
        orders = self._orders.where(lambda _: True)
        bought = {line.variant_id for order in orders for line in order.lines}
        return {it.id for it in self.variants_of(product_ids)} & (held | bought)

    def for_sale(self, variant_ids: Collection[UUID]) -> dict[UUID, ForSale]:
        return {it.id: self._for_sale(it) for it in map(self._variants.get, variant_ids) if it}

    def sold_variants_of(self, key: str) -> list[ForSale]:
        found = self._products.first(lambda it: key in (str(it.id), it.facts.slug))
        goods = [self._for_sale(it) for it in self.variants_of([found.id])] if found else []
        return [it for it in goods if it.is_sold]

    def _for_sale(self, variant: Variant) -> ForSale:
        product = self.lock(str(variant.product_id))
        facts = product.facts
        stock = self._stock.get(variant.id)
        return ForSale(
            variant_id=variant.id,
            product_id=product.id,
            sku=variant.sku,
            name=facts.name,
            product_slug=facts.slug,
            options=variant.options,
            price=product.asked if variant.asked is None else variant.asked,
            available=stock.available if stock else 0,
            is_sold=facts.status is ProductStatus.ACTIVE and variant.is_active,
            category_ids=self._lineage(product),
            image=self._main_image(product.id),
            is_digital=facts.is_digital,
        )

    def _lineage(self, product: Product) -> frozenset[UUID]:
        held = filter(None, map(self._categories.get, product.category_ids))
        return frozenset(UUID(part) for it in held for part in it.path.split("/") if part)

    def _main_image(self, product_id: UUID) -> str | None:
        gallery = self._galleries.get(product_id) or Gallery(product_id)
        return next((it.path for it in gallery.images if it.is_main), None)


def _is_due(it: Product | Variant, at: datetime) -> bool:
    return it.turns_at is not None and it.turns_at <= at
