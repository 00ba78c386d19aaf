from collections.abc import Sequence
from uuid import UUID

from nexus.adapters.sql.queries.product_filters import keyed, visible
from nexus.adapters.sql.queries.product_rows import BESIDE, LISTED, document
from nexus.adapters.sql.queries.reading import IllustratedQueries
from nexus.application.ports.catalog import ListedProduct
from nexus.application.ports.recommendations import MOST_VIEWS
from nexus.domain.catalog import ProductNotFound

# The subject is joined to whatever was found, so that one without relations gives a row as well.
_RELATED = f"""
    WITH subject AS (
        SELECT p.id, held.category_id FROM products p
        LEFT JOIN product_categories held ON held.product_id = p.id AND held.is_primary
        WHERE {{subject}}
    ), together AS (
        SELECT b.other_id AS id, b.times FROM subject
        JOIN bought_together b ON b.product_id = subject.id
        JOIN products p ON p.id = b.other_id AND p.status = 'active'
        ORDER BY b.times DESC, b.other_id DESC LIMIT %(limit)s
    ), alike AS (
        SELECT l.product_id AS id, l.sold FROM subject CROSS JOIN LATERAL (
            SELECT l.product_id, l.sold FROM listings l
            WHERE l.category_id = subject.category_id AND l.is_active
            ORDER BY l.sold DESC, l.product_id DESC LIMIT 2 * %(limit)s + 1
        ) AS l
        WHERE l.product_id <> subject.id AND l.product_id NOT IN (SELECT id FROM together)
    ), related AS (
        SELECT id, 1 AS turn, times AS weight FROM together
        UNION ALL SELECT id, 2, sold FROM alike
        ORDER BY turn, weight DESC, id DESC LIMIT %(limit)s
    )
    SELECT shown.document FROM subject LEFT JOIN (
        SELECT p.id, turn, weight, {document(LISTED)}::text AS document
        FROM related JOIN products p ON p.id = related.id {BESIDE}
    ) AS shown ON true
    ORDER BY turn, weight DESC, shown.id DESC"""
_VIEWED = f"""
    SELECT {document(LISTED)}::text
    FROM product_views seen JOIN products p ON p.id = seen.product_id {BESIDE}
    WHERE seen.user_id = %(user_id)s AND p.status = 'active'
    ORDER BY seen.viewed_at DESC, p.id DESC LIMIT {MOST_VIEWS}"""


class SqlRecommendationQueries(IllustratedQueries):
    def related(self, product: str, *, limit: int, hidden: bool) -> Sequence[ListedProduct]:
        subject = f"{keyed('p', product)} AND {visible(hidden=hidden)}"
        rows = self._told(_RELATED.format(subject=subject), key=product, limit=limit, hidden=hidden)
        if not rows:
            raise ProductNotFound(product)
        return [ListedProduct(*row) for row in rows if row[0]]

    def viewed_by(self, user_id: UUID) -> Sequence[ListedProduct]:
        rows = self._told(_VIEWED, user_id=user_id, hidden=False)
        return [ListedProduct(*row) for row in rows]
