"""What somebody may mean who is still typing.

However many products begin with the same letters, the work is bounded: the most popular ones are
looked through, and where these give too few, so many that the index knows of. Where less than
that begin so, which is almost always, the popular come first of all of them. One Latin letter
begins too much to be looked up, and resembles anything; one Ethiopic letter is a syllable.
"""

from nexus.adapters.sql.listings import EVERYTHING
from nexus.adapters.sql.queries.product_rows import document
from nexus.application.ports.discovery import SUGGESTED

MOST_LOOKED_AT = 300
MOST_CATEGORIES = 3

_IN_NAME = "ts_filter(p.search, '{a}') @@ nexus_words(%(typed)s)"
_FIRST = f"ORDER BY sold DESC, product_id DESC LIMIT {SUGGESTED}"
_TELLING = "octet_length(nexus_plain(%(typed)s)) > 1"
_TOO_FEW = f"(SELECT count(*) FROM popular) < {SUGGESTED}"
_OPEN = """NOT EXISTS (
    SELECT FROM categories above WHERE starts_with(c.path, above.path) AND NOT above.is_active)"""

_PRODUCT = {
    "type": "'product'",
    "id": "p.id",
    "name": "p.name",
    "slug": "p.slug",
    "image_url": "%(media)s || main.path",
}
_CATEGORY = {
    "type": "'category'",
    "id": "c.id",
    "name": "c.name",
    "slug": "c.slug",
    "image_url": "c.image_url",
}
SUGGESTIONS = f"""
    WITH popular AS MATERIALIZED (
        SELECT product_id, sold FROM (
            SELECT l.product_id, l.sold FROM listings l
            WHERE l.category_id = '{EVERYTHING}' AND l.is_active
            ORDER BY l.sold DESC, l.product_id DESC LIMIT {MOST_LOOKED_AT}
        ) AS l JOIN products p ON p.id = l.product_id
        WHERE {_IN_NAME} {_FIRST}
    ), begun AS MATERIALIZED (
        SELECT p.id FROM products p
        WHERE {_TOO_FEW} AND {_TELLING} AND {_IN_NAME} AND p.status = 'active'
        LIMIT {MOST_LOOKED_AT}
    ), by_sku AS MATERIALIZED (
        SELECT v.product_id FROM variants v
        WHERE char_length(%(typed)s) > 1 AND v.is_active
            AND lower(v.sku) BETWEEN lower(%(typed)s COLLATE "C")
            AND lower(%(typed)s COLLATE "C") || chr(1114111)
        ORDER BY lower(v.sku) LIMIT {SUGGESTED}
    ), found AS MATERIALIZED (
        SELECT product_id, sold FROM popular
        UNION
        SELECT l.product_id, l.sold FROM listings l
        WHERE l.category_id = '{EVERYTHING}' AND l.is_active AND l.product_id IN (
            SELECT id FROM begun UNION SELECT product_id FROM by_sku)
        {_FIRST}
    ), categorised AS MATERIALIZED (
        SELECT c.id, inside.products AS sold FROM categories c
        JOIN listing_counts inside ON inside.category_id = c.id
        WHERE to_tsvector('nexus', nexus_plain(c.name)) @@ nexus_words(%(typed)s) AND {_OPEN}
        ORDER BY inside.products DESC, c.id LIMIT {MOST_CATEGORIES}
    ), alike AS MATERIALIZED (
        SELECT l.product_id, a.likeness
        FROM (SELECT * FROM nexus_alike(%(typed)s) LIMIT {MOST_LOOKED_AT}) AS a
        JOIN listings l ON l.product_id = a.product_id
        WHERE {_TELLING} AND l.category_id = '{EVERYTHING}' AND l.is_active
            AND NOT EXISTS (SELECT FROM found) AND NOT EXISTS (SELECT FROM categorised)
        ORDER BY a.likeness DESC, l.sold DESC, l.product_id DESC LIMIT {SUGGESTED}
    ), suggested AS (
        SELECT 1 AS kind, sold AS weight, c.id, {document(_CATEGORY)} AS shown
        FROM categorised JOIN categories c USING (id)
        UNION ALL
        SELECT 2, weight, p.id, {document(_PRODUCT)}
        FROM (
            SELECT product_id, sold::float8 AS weight FROM found
            UNION ALL SELECT product_id, likeness FROM alike
        ) AS it JOIN products p ON p.id = it.product_id
        LEFT JOIN product_images main ON main.product_id = p.id AND main.is_main
        ORDER BY kind, weight DESC, id DESC LIMIT {SUGGESTED}
    )
    SELECT coalesce(json_agg(shown ORDER BY kind, weight DESC, id DESC), '[]')::text
    FROM suggested"""
