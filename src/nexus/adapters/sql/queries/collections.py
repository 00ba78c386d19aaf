from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from nexus.adapters.sql.collections import told_rule
from nexus.adapters.sql.queries.collection_rules import members_of, members_query
from nexus.adapters.sql.queries.product_filters import keyed, visible
from nexus.adapters.sql.queries.product_rows import BESIDE, LISTED, document
from nexus.adapters.sql.queries.reading import IllustratedQueries
from nexus.application.ports.catalog import CatalogQueries, ListedProduct, ProductFilter
from nexus.application.ports.collections import ShownCollection
from nexus.application.ports.pages import Keys, Page, PageWanted
from nexus.domain.collections import CollectionNotFound
from nexus.domain.shared import invalid

_PLAIN = "id name slug description image_url position is_active meta_title meta_description version"
_COLLECTIONS = f"""
    SELECT {", ".join(f"c.{it}" for it in _PLAIN.split())}, c.rule FROM collections c
    WHERE (c.is_active OR %(hidden)s)"""
_CHOSEN = """
    FROM collection_products held JOIN products p ON p.id = held.product_id
    WHERE held.collection_id = %(chosen)s"""
_BEYOND = "(held.position, held.product_id) > (%(position)s, %(product_id)s)"


class SqlCollectionQueries(IllustratedQueries):
    def __init__(self, engine: Engine, *, media: str, catalog: CatalogQueries) -> None:
        super().__init__(engine, media=media)
        self._catalog = catalog

    def collections(self, *, hidden: bool) -> Sequence[ShownCollection]:
        rows = self._told(f"{_COLLECTIONS} ORDER BY c.position, c.name, c.id", hidden=hidden)
        return [_shown(row) for row in rows]

    def collection(self, key: str, *, hidden: bool) -> ShownCollection:
        for row in self._told(f"{_COLLECTIONS} AND {keyed('c', key)}", key=key, hidden=hidden):
            return _shown(row)
        raise CollectionNotFound(key)

    def products_in(
        self, key: str, ordering: tuple[str, ...], page: PageWanted, *, hidden: bool
    ) -> Page[ListedProduct]:
        rows = self._told(members_query(key), key=key, hidden=hidden)
        if not rows:
            raise CollectionNotFound(key)
        members = members_of(rows[0])
        if members.chosen and not ordering:
            return self._chosen(members.chosen, page, hidden=hidden)
        if not ordering and page.after and not isinstance(page.after[0], datetime):
            raise _foreign_cursor()
        wanted = ProductFilter(members=members, ordering=ordering)
        return self._catalog.products(wanted, page, hidden=hidden)

    def _chosen(self, id_: UUID, page: PageWanted, *, hidden: bool) -> Page[ListedProduct]:
        """Return a page of what was chosen, in the order of choosing."""
        values = {"chosen": id_, "hidden": hidden} | _there(page)
        where = f"{_CHOSEN} AND {visible(hidden=hidden)}"
        beyond = _BEYOND if page.after else "true"
        rows = self._told(
            f"""
            WITH page AS (
                SELECT held.position AS at, held.product_id {where} AND {beyond}
                ORDER BY held.position, held.product_id
                LIMIT {page.size + 1} OFFSET {0 if page.is_walk else page.offset}
            )
            SELECT {document(LISTED)}::text, page.at, page.product_id
            FROM page JOIN products p ON p.id = page.product_id {BESIDE}
            ORDER BY page.at, page.product_id""",
            **values,
        )
        count = None if page.is_walk else self._told(f"SELECT count(*) {where}", **values)[0][0]
        items = tuple(ListedProduct(row[0]) for row in rows[: page.size])
        return Page(items, count, _last(rows, page))


def _last(rows: Sequence[tuple[Any, ...]], page: PageWanted) -> Keys | None:
    return rows[page.size - 1][1:] if len(rows) > page.size else None


def _there(page: PageWanted) -> dict[str, Any]:
    match page.after:
        case None | ():
            return {}
        case (int() as position, UUID() as product_id):
            return {"position": position, "product_id": product_id}
        case _:
            raise _foreign_cursor()


def _foreign_cursor() -> Exception:
    # Another collection has given it, or this one when it was filled in another way.
    return invalid("cursor", "Not a cursor of this list in this order.")


def _shown(row: tuple[Any, ...]) -> ShownCollection:
    *facts, rule = row
    kind = "rule" if rule else "manual"
    named = dict(zip(_PLAIN.split(), facts, strict=True))
    return ShownCollection(**named, kind=kind, rule=rule and told_rule(rule))
