"""The catalogue, variant by variant, read in batches that follow each other's keys."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, func, select, tuple_
from sqlalchemy.dialects.postgresql import array

from nexus.adapters.sql.catalog_tables import product_images, products, variants
from nexus.adapters.sql.categories import categories, keyed, product_categories
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.stock import stock_items
from nexus.application.ports.exchange import ExportedRow, ExportFilter
from nexus.domain.shared import Money

BATCH = 500
_PLACE = (variants.c.product_id, variants.c.position, variants.c.id)


class SqlCatalogExport(SqlQueries):
    def __init__(self, engine: Engine, *, media: str) -> None:
        super().__init__(engine)
        self._media = media

    def option_names(self, which: ExportFilter) -> list[str]:
        each = func.jsonb_array_elements(products.c.options).op("->>")("name").label("name")
        query = select(each).select_from(products).where(*_wanted(which))
        return [row.name for row in self._all(query.distinct().order_by("name"))]

    def rows(self, which: ExportFilter) -> Iterator[ExportedRow]:
        query = _rows().where(*_wanted(which)).order_by(*_PLACE).limit(BATCH)
        found = self._all(query)
        while found:
            yield from map(self._row, found)
            last = found[-1]
            after = tuple_(*_PLACE) > (last.product_id, last.position, last.id)
            # The first condition says it all, and the second lets the plan begin there as well.
            rest = query.where(after, products.c.id >= last.product_id)
            found = self._all(rest) if len(found) == BATCH else []

    def _row(self, row: Any) -> ExportedRow:
        source, path = row.picture or (None, None)
        is_address = source and source.startswith(("http://", "https://"))
        picture = source if is_address else path and f"{self._media}{path}"
        return ExportedRow(
            row.product_id,
            row.sku,
            row.name,
            row.description,
            Money(row.price, row.currency),
            None if row.compare_at_minor is None else Money(row.compare_at_minor, row.currency),
            row.category,
            row.status,
            row.on_hand,
            row.brand,
            row.tags,
            picture,
            row.attributes,
            row.options,
        )


def _wanted(which: ExportFilter) -> Sequence[ColumnElement[bool]]:
    conditions = [products.c.status == which.status] if which.status else []
    if which.category:
        root = categories.alias("root")
        inside = (
            select(product_categories.c.product_id)
            .join(categories, categories.c.id == product_categories.c.category_id)
            .join(root, func.starts_with(categories.c.path, root.c.path))
            .where(keyed(root, which.category))
        )
        conditions.append(products.c.id.in_(inside))
    return conditions


def _rows() -> Select[Any]:
    return select(
        *_PLACE,
        variants.c.sku,
        variants.c.options,
        # The regular one: a sale ends by itself, and what is imported stays.
        func.coalesce(
            variants.c.regular_minor,
            variants.c.price_minor,
            products.c.regular_minor,
            products.c.price_minor,
        ).label("price"),
        products.c.name,
        products.c.description,
        products.c.compare_at_minor,
        products.c.currency,
        products.c.status,
        products.c.brand,
        products.c.tags,
        products.c.attributes,
        func.coalesce(stock_items.c.on_hand, 0).label("on_hand"),
        _category().label("category"),
        _picture().label("picture"),
    ).select_from(
        variants.join(products, products.c.id == variants.c.product_id).outerjoin(
            stock_items, stock_items.c.variant_id == variants.c.id
        )
    )


def _category() -> ColumnElement[Any]:
    held = product_categories.c
    primary = (held.product_id == products.c.id) & held.is_primary
    query = select(categories.c.slug).join(product_categories, categories.c.id == held.category_id)
    return query.where(primary).correlate(products).scalar_subquery()


def _picture() -> ColumnElement[Any]:
    """A variant's own picture; the first variant shows its product's main one."""
    it = product_images.c
    of_product = it.is_main & _is_first()
    fits = (it.variant_id == variants.c.id) | of_product
    mine = (it.product_id == variants.c.product_id) & fits
    query = select(array([it.source, it.path])).where(mine).correlate(variants)
    return query.order_by(~of_product, it.position, it.id).limit(1).scalar_subquery()


def _is_first() -> ColumnElement[bool]:
    others = variants.alias("others")
    before = tuple_(others.c.position, others.c.id) < tuple_(variants.c.position, variants.c.id)
    mine = (others.c.product_id == variants.c.product_id) & before
    return ~select(others.c.id).where(mine).correlate(variants).exists()
