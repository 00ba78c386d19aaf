"""What lists of products are read from, kept by triggers."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# The currencies that have not two digits are named in nexus.domain.shared as well.
MONEY = """
CREATE FUNCTION nexus_money(minor bigint, currency text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN currency IN ('JPY', 'KRW', 'UGX', 'RWF', 'DJF') THEN minor::text
        WHEN currency IN ('BHD', 'KWD', 'OMR') THEN (minor * 0.001)::text
        ELSE (minor * 0.01)::text
    END
$$
"""
MOMENT = """
CREATE FUNCTION nexus_moment(at timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', CASE
        WHEN date_trunc('second', at) = at THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
        ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
    END)
$$
"""
# By code point Ethiopic stands in its own order, and no server needs to know a language.
SORT_NAME = """
CREATE FUNCTION nexus_sort_name(name text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT lower(unaccent(name)) $$
"""

EVERYTHING = "00000000-0000-0000-0000-000000000000"
FACTS = (
    *("is_active", "in_stock", "is_featured", "on_sale", "price_minor", "created_at"),
    *("plain_name", "rating", "sold"),
)
SORTED_BY = {
    "price": "price_minor",
    "newest": "created_at",
    "name": "plain_name",
    "rating": "rating",
    "popularity": "sold",
}
FEW = {
    "featured": "is_active AND is_featured",
    "on_sale": "is_active AND on_sale",
    "sold_out": "is_active AND NOT in_stock",
    "hidden": "NOT is_active",
}

TRUE_LISTINGS = f"""
CREATE VIEW true_listings AS
SELECT place.category_id, p.id AS product_id, p.status = 'active' AS is_active, shelf.in_stock,
       p.is_featured,
       coalesce(greatest(p.compare_at_minor, p.regular_minor) > p.price_minor, false) AS on_sale,
       p.price_minor, p.created_at, nexus_sort_name(p.name) COLLATE "C" AS plain_name,
       coalesce(p.rating_average, 0) AS rating, shelf.sold
FROM products p
CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(v.is_active AND s.on_hand > s.reserved), false) AS in_stock,
           coalesce(sum(s.sold), 0)::bigint AS sold
    FROM variants v JOIN stock_items s ON s.variant_id = v.id WHERE v.product_id = p.id
) AS shelf
CROSS JOIN LATERAL (
    SELECT '{EVERYTHING}'::uuid AS category_id
    UNION
    SELECT unnest(string_to_array(rtrim(c.path, '/'), '/'))::uuid
    FROM product_categories held JOIN categories c ON c.id = held.category_id
    WHERE held.product_id = p.id
) AS place
"""
# A product's row in EVERYTHING is locked first, so that whoever comes second sees, in a statement
# of its own, all that the first has done. The counters, which everybody wants, are touched last.
RELIST = f"""
CREATE FUNCTION nexus_relist(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    places uuid[];
    steps bigint[];
BEGIN
    PERFORM FROM listings WHERE category_id = '{EVERYTHING}' AND product_id = ANY (touched)
    ORDER BY product_id FOR UPDATE;

    WITH wanted AS MATERIALIZED (
        SELECT it.* FROM unnest(touched) AS t (id) JOIN true_listings it ON it.product_id = t.id
    ), known AS MATERIALIZED (
        SELECT it.* FROM unnest(touched) AS t (id) JOIN listings it ON it.product_id = t.id
    ), gone AS (
        DELETE FROM listings l USING known k
        WHERE l.product_id = k.product_id AND l.category_id = k.category_id AND NOT EXISTS (
            SELECT FROM wanted w
            WHERE w.product_id = k.product_id AND w.category_id = k.category_id)
    ), written AS (
        INSERT INTO listings SELECT * FROM (SELECT * FROM wanted EXCEPT SELECT * FROM known) AS it
        ON CONFLICT (product_id, category_id) DO UPDATE
        SET {", ".join(f"{it} = excluded.{it}" for it in FACTS)}
    ), counted AS (
        SELECT category_id, sum(step) AS step FROM (
            SELECT category_id, 1 AS step FROM wanted WHERE is_active
            UNION ALL SELECT category_id, -1 FROM known WHERE is_active
        ) AS it GROUP BY category_id HAVING sum(step) <> 0
    )
    SELECT array_agg(category_id ORDER BY category_id), array_agg(step ORDER BY category_id)
    INTO places, steps FROM counted;

    INSERT INTO listing_counts AS c (category_id, products)
    SELECT * FROM unnest(places, steps)
    ON CONFLICT (category_id) DO UPDATE SET products = c.products + excluded.products;
END $$
"""
RELIST_CHANGED = """
CREATE FUNCTION nexus_relist_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched uuid[];
BEGIN
    WITH mine AS (DELETE FROM listing_changes RETURNING product_ids)
    SELECT array_agg(DISTINCT id) INTO touched FROM mine, unnest(product_ids) AS it (id);
    IF touched IS NOT NULL THEN
        PERFORM nexus_relist(touched);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER relist AFTER INSERT ON listing_changes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nexus_relist_changed()
"""

# What each statement changes of the listings. It is noted, and done when the transaction ends:
# once for all that it did to a product, and with no lock waited for that others hold beside stock.
_OF_PRODUCTS = (
    *("name", "status", "price_minor", "compare_at_minor", "regular_minor", "is_featured"),
    *("rating_average", "created_at"),
)
_ROW = "({})".format(", ".join("{0}." + it for it in _OF_PRODUCTS))
_HELD = "SELECT product_id, category_id FROM {}"
NOTED = {
    ("products", "INSERT"): "SELECT id FROM after",
    ("products", "UPDATE"): f"""
        SELECT after.id FROM after JOIN before USING (id)
        WHERE {_ROW.format("after")} IS DISTINCT FROM {_ROW.format("before")}""",
    ("products", "DELETE"): "SELECT id FROM before",
    ("product_categories", "INSERT"): "SELECT product_id FROM after",
    ("product_categories", "UPDATE"): f"""
        SELECT product_id FROM ({_HELD.format("after")} EXCEPT {_HELD.format("before")}) AS it
        UNION
        SELECT product_id FROM ({_HELD.format("before")} EXCEPT {_HELD.format("after")}) AS it""",
    ("product_categories", "DELETE"): "SELECT product_id FROM before",
    ("variants", "UPDATE"): """
        SELECT after.product_id FROM after JOIN before USING (id)
        WHERE after.is_active <> before.is_active""",
    ("variants", "DELETE"): "SELECT product_id FROM before",
    ("stock_items", "INSERT"): """
        SELECT v.product_id FROM after JOIN variants v ON v.id = after.variant_id
        WHERE after.on_hand > after.reserved""",
    ("stock_items", "UPDATE"): """
        SELECT v.product_id FROM after JOIN before USING (variant_id)
        JOIN variants v ON v.id = after.variant_id
        WHERE (after.on_hand > after.reserved) <> (before.on_hand > before.reserved)""",
    ("categories", "UPDATE"): """
        SELECT held.product_id FROM after JOIN before USING (id)
        JOIN product_categories held ON held.category_id = after.id
        WHERE after.path <> before.path""",
}
NOTE = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO listing_changes (product_ids)
    SELECT array_agg(id) FROM ({query}) AS it (id) HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER list_after_{event} AFTER {event} ON {table} REFERENCING {rows}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""
_ROWS = {
    "INSERT": "NEW TABLE AS after",
    "UPDATE": "OLD TABLE AS before NEW TABLE AS after",
    "DELETE": "OLD TABLE AS before",
}

# What lists were read from before.
BEFORE = {
    "newest": [sa.text("created_at DESC"), sa.text("id DESC")],
    "price": ["price_minor", "id"],
}


def upgrade() -> None:
    op.execute(MONEY)
    op.execute(MOMENT)
    op.execute(SORT_NAME)
    create_listings()
    op.execute(TRUE_LISTINGS)
    op.execute(RELIST)
    op.execute(RELIST_CHANGED)
    for (table, event), query in NOTED.items():
        name = f"nexus_list_{table}_{event.lower()}"
        op.execute(NOTE.format(name=name, query=query, table=table, event=event, rows=_ROWS[event]))
    op.execute("SELECT nexus_relist(array_agg(id)) FROM products HAVING count(*) > 0")
    for name in BEFORE:
        op.drop_index(f"ix_products_{name}", "products")


def create_listings() -> None:
    op.create_table(
        "listings",
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("in_stock", sa.Boolean(), nullable=False),
        sa.Column("is_featured", sa.Boolean(), nullable=False),
        sa.Column("on_sale", sa.Boolean(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plain_name", sa.Text(collation="C"), nullable=False),
        sa.Column("rating", sa.Numeric(3, 2), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "category_id", name="pk_listings"),
    )
    for name, key in SORTED_BY.items():
        index_listings(name, ["category_id", sa.text(key), "product_id"], "is_active")
    for name, condition in FEW.items():
        columns = ["category_id", "created_at", "product_id"]
        index_listings(name, columns, condition)
    columns = ["category_id", "created_at", "product_id"]
    op.create_index("ix_listings_known", "listings", columns)
    op.create_table(
        "listing_counts",
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("products", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("category_id", name="pk_listing_counts"),
    )
    op.create_table(
        "listing_changes",
        sa.Column("product_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        prefixes=["UNLOGGED"],
    )


def index_listings(name: str, columns: list[str | sa.TextClause], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(f"ix_listings_{name}", "listings", columns, postgresql_where=where)


def downgrade() -> None:
    for name, columns in BEFORE.items():
        where = sa.text("status = 'active'")
        op.create_index(f"ix_products_{name}", "products", columns, postgresql_where=where)
    for table, event in NOTED:
        op.execute(f"DROP TRIGGER list_after_{event} ON {table}")
        op.execute(f"DROP FUNCTION nexus_list_{table}_{event.lower()}()")
    op.execute("DROP VIEW true_listings")
    for table in ("listing_changes", "listing_counts", "listings"):
        op.drop_table(table)
    op.execute("DROP FUNCTION nexus_relist_changed()")
    op.execute("DROP FUNCTION nexus_relist(uuid[])")
    op.execute("DROP FUNCTION nexus_sort_name(text)")
    op.execute("DROP FUNCTION nexus_moment(timestamptz)")
    op.execute("DROP FUNCTION nexus_money(bigint, text)")
