"""Products by the hundred, each kind of row in one statement."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select, text

from nexus.adapters.sql.catalog_tables import products, variants
from nexus.adapters.sql.names import hold_names
from nexus.adapters.sql.product_mapping import product_row
from nexus.adapters.sql.products import SqlProducts
from nexus.domain.catalog import Product, Variant
from nexus.domain.slugs import SLUG_MAX

# What counts on from a slug is its beginning, a hyphen and a digit; a colon follows the digits.
_LIKE = text("""
    WITH taken AS MATERIALIZED (SELECT slug FROM products WHERE slug = ANY(:slugs))
    SELECT slug FROM taken
    UNION
    SELECT counted.slug FROM taken CROSS JOIN LATERAL (
        SELECT slug FROM products
        WHERE slug >= left(taken.slug, :most) || '-0' AND slug < left(taken.slug, :most) || '-:'
    ) AS counted
""")


class SqlProductBatches(SqlProducts):
    def of_skus(self, skus: Collection[str]) -> set[UUID]:
        query = select(variants.c.product_id).where(variants.c.sku.in_(skus))
        return set(self._db.scalars(query))

    def slugs_like(self, slugs: Collection[str]) -> set[str]:
        values = {"slugs": list(slugs), "most": SLUG_MAX - 8}
        return set(self._db.execute(_LIKE, values).scalars())

    def add_all(
        self, made: Sequence[tuple[Product, Sequence[Variant]]], more: Sequence[Variant]
    ) -> None:
        added = [product for product, _ in made]
        sold = [*(it for _, of_it in made for it in of_it), *more]
        slugs, skus = (it.facts.slug for it in added), (it.sku for it in sold)
        hold_names(self._db, slugs=slugs, skus=skus)
        told = ({"version": it.version, "price_since": it.updated_at} for it in added)
        rows = [product_row(it) | more for it, more in zip(added, told, strict=True)]
        self._insert_rows(products, rows)
        self._insert_variants(sold)
        self._categorise(added)
        for product in added:
            self._gather(product)
