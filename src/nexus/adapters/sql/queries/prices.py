from typing import Any

from sqlalchemy import Subquery, null, select, union_all

from nexus.adapters.sql.catalog_tables import past_prices, products, variants
from nexus.adapters.sql.categories import keyed
from nexus.adapters.sql.queries.keyset import SortKey
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.application.ports.pages import Page, PageWanted
from nexus.application.ports.prices import AskedPrice
from nexus.domain.catalog import ProductNotFound
from nexus.domain.shared import Money


class SqlPriceQueries(SqlQueries):
    def prices_of(self, product: str, page: PageWanted) -> Page[AskedPrice]:
        asked = _asked(product)
        latest = (SortKey(asked.c.since, falling=True), SortKey(asked.c.id, falling=True))
        found = self._page(select(asked), latest, page, _price)
        # Whatever there is has a price, so a beginning without one is that of nothing.
        if not (found.items or page.offset or page.after):
            raise ProductNotFound(product)
        return found


def _asked(product: str) -> Subquery:
    """What was asked for the product and its variants, and what is asked now."""
    past, p, v = past_prices.c, products.c, variants.c
    before = (
        select(past.id, past.variant_id, v.sku, past.price_minor, p.currency, past.since)
        .add_columns(past.until)
        .join_from(past_prices, products)
        .outerjoin(variants, v.id == past.variant_id)
    )
    own = select(p.id, null(), null(), p.price_minor, p.currency, p.price_since, null())
    of_variants = (
        select(v.id, v.id, v.sku, v.price_minor, p.currency, v.price_since, null())
        .join_from(variants, products)
        .where(v.price_minor.is_not(None))
    )
    every = (it.where(keyed(products, product)) for it in (before, own, of_variants))
    return union_all(*every).subquery("asked")


def _price(row: Any) -> AskedPrice:
    price = Money(row.price_minor, row.currency)
    return AskedPrice(row.variant_id, row.sku, price, row.currency, row.since, row.until)
