from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    func,
    select,
    union,
)

from nexus.adapters.sql.catalog_tables import products, variants
from nexus.adapters.sql.categories import keyed, product_categories
from nexus.adapters.sql.goods import for_sale_from, goods, is_sold
from nexus.adapters.sql.names import hold_names, taken_slugs
from nexus.adapters.sql.order_tables import order_lines
from nexus.adapters.sql.product_mapping import product_of, product_row, variant_of, variant_row
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.reservations import reservations
from nexus.application.ports.catalog import ForSale
from nexus.domain.catalog import (
    Product,
    ProductNotFound,
    ProductStatus,
    Variant,
    VariantNotFound,
)
from nexus.domain.shared import Event


class SqlProducts(SqlRepository):
    """Categories are written only where they are not those that were read."""

    def __init__(self, db: Connection, happened: list[Event]) -> None:
        super().__init__(db, happened)
        self._filed: dict[UUID, tuple[UUID, ...]] = {}

    def add(self, product: Product, variants_: Sequence[Variant]) -> None:
        hold_names(self._db, slugs=[product.facts.slug], skus=[it.sku for it in variants_])
        self._insert(products, product, product_row(product) | {"price_since": product.updated_at})
        self._insert_variants(variants_)
        self._categorise([product])

    def save(self, product: Product) -> None:
        self._update(products, product, product.id, product_row(product))
        self._categorise([product])

    def save_all(self, products_: Sequence[Product]) -> None:
        self._update_all(products, products_, [product_row(it) for it in products_])
        self._categorise(products_)

    def _categorise(self, products_: Sequence[Product]) -> None:
        moved = [it for it in products_ if self._filed.get(it.id, ()) != it.category_ids]
        if known := [it.id for it in moved if it.id in self._filed]:
            theirs = product_categories.c.product_id.in_(known)
            self._db.execute(delete(product_categories).where(theirs))
        self._insert_rows(product_categories, [row for it in moved for row in _category_rows(it)])
        self._filed |= {it.id: it.category_ids for it in moved}

    def remove(self, product: Product) -> None:
        self._db.execute(delete(products).where(products.c.id == product.id))
        self._gather(product)

    def lock(self, key: str) -> Product:
        for product in self._locked(keyed(products, key)):
            return product
        raise ProductNotFound(key)

    def lock_all(self, product_ids: Collection[UUID]) -> list[Product]:
        return self._locked(products.c.id.in_(product_ids))

    def lock_turning(self, at: datetime, *, most: int) -> list[tuple[Product, list[Variant]]]:
        ids = self._db.scalars(_turning(at).limit(most)).all()
        if not ids:
            return []
        locked = self._locked(products.c.id.in_(ids), skip_locked=True)
        theirs = variants.c.product_id.in_([it.id for it in locked])
        due = self._variants(theirs & (variants.c.price_turns_at <= at))
        # Whoever held a product until now may have turned its price.
        pairs = [(it, [each for each in due if each.product_id == it.id]) for it in locked]
        return [(it, of_it) for it, of_it in pairs if of_it or (it.turns_at and it.turns_at <= at)]

    def _locked(
        self, condition: ColumnElement[bool], *, skip_locked: bool = False
    ) -> list[Product]:
        query = select(products, _category_ids()).where(condition).order_by(products.c.id)
        # Orders may refer to the product meanwhile: they wait for nobody who changes it.
        locking = query.with_for_update(of=products, key_share=True, skip_locked=skip_locked)
        rows = self._db.execute(locking)
        found = [product_of(row) for row in rows]
        self._filed |= {it.id: it.category_ids for it in found}
        return found

    def on_show(self, key: str) -> UUID:
        active = products.c.status == ProductStatus.ACTIVE
        found: UUID | None = self._db.scalar(
            select(products.c.id).where(keyed(products, key), active)
        )
        if found is None:
            raise ProductNotFound(key)
        return found

    def taken_slugs(self, slug: str) -> set[str]:
        return taken_slugs(self._db, products, slug)

    def add_variants(self, variants_: Sequence[Variant]) -> None:
        hold_names(self._db, skus=[it.sku for it in variants_])
        self._insert_variants(variants_)

    def _insert_variants(self, variants_: Sequence[Variant]) -> None:
        told = ({"version": it.version, "price_since": it.updated_at} for it in variants_)
        rows = [variant_row(it) | more for it, more in zip(variants_, told, strict=True)]
        self._insert_rows(variants, rows)

    def save_variants(self, variants_: Sequence[Variant]) -> None:
        self._update_all(variants, variants_, [variant_row(it) for it in variants_])

    def remove_variants(self, variants_: Sequence[Variant]) -> None:
        if ids := [it.id for it in variants_]:
            self._db.execute(delete(variants).where(variants.c.id.in_(ids)))

    def lock_variant(self, variant_id: UUID) -> tuple[Product, Variant]:
        owner = select(variants.c.product_id).where(variants.c.id == variant_id).scalar_subquery()
        for product in self._locked(products.c.id == owner):
            for variant in self._variants(variants.c.id == variant_id):
                return product, variant
        raise VariantNotFound(variant_id)

    def count_variants(self, product_id: UUID) -> int:
        query = select(func.count()).where(variants.c.product_id == product_id)
        return self._db.execute(query).scalar_one()

    def only_variant(self, product_id: UUID) -> Variant | None:
        found = self._variants(variants.c.product_id == product_id, most=2)
        return found[0] if len(found) == 1 else None

    def variants_of(self, product_ids: Collection[UUID]) -> list[Variant]:
        return self._variants(variants.c.product_id.in_(product_ids))

    def priced_variants_of(self, product_ids: Collection[UUID]) -> list[Variant]:
        theirs = variants.c.product_id.in_(product_ids)
        return self._variants(theirs & variants.c.price_minor.is_not(None))

    def _variants(self, condition: ColumnElement[bool], most: int | None = None) -> list[Variant]:
        query = select(variants, products.c.currency).join(products).where(condition)
        in_turn = query.order_by(variants.c.product_id, variants.c.position, variants.c.id)
        rows = self._db.execute(in_turn.limit(most))
        return [variant_of(row, row.currency) for row in rows]

    def known(self, product_ids: Collection[UUID]) -> set[UUID]:
        return set(self._db.scalars(select(products.c.id).where(products.c.id.in_(product_ids))))

    def ordered_of(self, product_ids: Collection[UUID]) -> set[UUID]:
        """A line of an order names the variant for good, and a reservation before there is one."""
        held = reservations.c.variant_id == variants.c.id
        bought = order_lines.c.variant_id == variants.c.id
        ordered = (
            select(reservations).where(held).exists() | select(order_lines).where(bought).exists()
        )
        query = select(variants.c.id).where(variants.c.product_id.in_(product_ids), ordered)
        return set(self._db.scalars(query))

    def for_sale(self, variant_ids: Collection[UUID]) -> dict[UUID, ForSale]:
        query = goods().where(variants.c.id.in_(variant_ids))
        return {row.id: for_sale_from(row) for row in self._db.execute(query)}

    def sold_variants_of(self, key: str) -> list[ForSale]:
        query = goods().where(keyed(products, key), is_sold())
        rows = self._db.execute(query.order_by(variants.c.position, variants.c.id))
        return [for_sale_from(row) for row in rows]


def _category_rows(product: Product) -> list[Row]:
    return [
        {"product_id": product.id, "category_id": id_, "is_primary": not at, "position": at}
        for at, id_ in enumerate(product.category_ids)
    ]


def _turning(at: datetime) -> Select[Any]:
    """Find the products of which a price is to turn by now: their own, or a variant's."""
    mine = select(products.c.id).where(products.c.price_turns_at <= at)
    of_variants = select(variants.c.product_id).where(variants.c.price_turns_at <= at)
    return select(union(mine, of_variants).subquery().c.id)


def _category_ids() -> ColumnElement[Any]:
    held = product_categories.c
    of_product = select(held.category_id).where(held.product_id == products.c.id)
    return func.array(
        of_product.order_by(held.is_primary.desc(), held.position).scalar_subquery()
    ).label("category_ids")
