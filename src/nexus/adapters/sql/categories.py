from collections.abc import Collection
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    FromClause,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from nexus.adapters.sql.errors import REFUSALS, refuse_duplicate
from nexus.adapters.sql.names import taken_slugs
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import identity, metadata, version
from nexus.domain.categories import DEEPEST, Category, CategoryNotEmpty, CategoryNotFound, too_deep
from nexus.domain.shared import Stale
from nexus.domain.slugs import read_id

_TREE_LOCK = 7_239_121
_PATIENCE = text("SET LOCAL statement_timeout = '60s'")

# Slugs and paths are compared by code point, so that a prefix of one finds its place in the index.
categories = Table(
    "categories",
    metadata,
    identity(),
    Column("name", String(200), nullable=False),
    Column("slug", String(120, collation="C"), nullable=False),
    Column("path", Text(collation="C"), nullable=False),
    Column("parent_id", ForeignKey("categories.id")),
    Column("description", Text, nullable=False, server_default=""),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("image_url", Text),
    Column("meta_title", String(200), nullable=False, server_default=""),
    Column("meta_description", String(500), nullable=False, server_default=""),
    version(),
    UniqueConstraint("slug"),
    UniqueConstraint("path"),
    CheckConstraint(f"length(path) <= {33 * DEEPEST}", name="depth"),
    CheckConstraint("parent_id <> id", name="parent"),
    Index("ix_categories_parent_id", "parent_id"),
)
Index(
    "ix_categories_name_words",
    func.to_tsvector(text("'nexus'"), func.nexus_plain(categories.c.name)),
    postgresql_using="gin",
)
product_categories = Table(
    "product_categories",
    metadata,
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("category_id", ForeignKey("categories.id"), primary_key=True),
    Column("is_primary", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
    Index("ix_product_categories_category_id", "category_id", "product_id"),
    Index(
        "uq_product_categories_primary",
        "product_id",
        unique=True,
        postgresql_where=text("is_primary"),
    ),
)
refuse_duplicate("uq_categories_slug", "slug")
REFUSALS["ck_categories_depth"] = too_deep
# Somebody put a product into the category while it was being removed, or removed it meanwhile.
REFUSALS["fk_product_categories_category_id"] = Stale


class SqlCategories(SqlRepository):
    def add(self, category: Category) -> None:
        self._insert(categories, category, _row(category))

    def save(self, category: Category) -> None:
        self._update(categories, category, category.id, _row(category))

    def remove(self, category: Category) -> None:
        below = select(categories.c.id).where(categories.c.parent_id == category.id)
        inside = select(product_categories.c.product_id).where(
            product_categories.c.category_id == category.id
        )
        if self._db.execute(select(below.exists() | inside.exists())).scalar():
            raise CategoryNotEmpty(category.id)
        self._db.execute(delete(categories).where(categories.c.id == category.id))

    def lock_tree(self) -> None:
        self._db.execute(select(func.pg_advisory_xact_lock(_TREE_LOCK)))

    def by_key(self, key: str) -> Category:
        row = self._db.execute(select(categories).where(keyed(categories, key))).mappings().first()
        if row is None:
            raise CategoryNotFound(key)
        return Category(**row)

    def rebase(self, before: str, after: str) -> None:
        path = categories.c.path
        rest = func.substr(path, len(before) + 1)
        below = path.startswith(before, autoescape=True) & (path != before)
        self._db.execute(update(categories).where(below).values(path=after + rest))
        # All that lies in the branch is listed anew when the work ends.
        self._db.execute(_PATIENCE)

    def empty_into(self, category: Category, other: Category) -> None:
        lies_below = categories.c.parent_id == category.id
        self._db.execute(update(categories).where(lies_below).values(parent_id=other.id))
        self.rebase(category.path, other.path)
        inside = product_categories.c.category_id == category.id
        taken = delete(product_categories).where(inside).returning(product_categories)
        if rows := self._db.execute(taken).mappings().all():
            self._put(other.id, [dict(row) for row in rows])

    def _put(self, category_id: UUID, rows: list[Row]) -> None:
        """Add to a category what may be in it; what was primary stays so."""
        query = upsert(product_categories).values(
            [row | {"category_id": category_id} for row in rows]
        )
        primary = product_categories.c.is_primary | query.excluded.is_primary
        self._db.execute(
            query.on_conflict_do_update(
                constraint=product_categories.primary_key, set_={"is_primary": primary}
            )
        )

    def ids_of(self, keys: Collection[str]) -> dict[str, UUID]:
        ids = {key: id_ for key in keys if (id_ := read_id(key))}
        known = categories.c.id.in_(ids.values()) | categories.c.slug.in_(set(keys) - ids.keys())
        rows = self._db.execute(select(categories.c.id, categories.c.slug).where(known)).all()
        by_slug = {row.slug: row.id for row in rows}
        there = {row.id for row in rows}
        return {k: ids.get(k) or by_slug[k] for k in keys if ids.get(k) in there or k in by_slug}

    def taken_slugs(self, slug: str) -> set[str]:
        return taken_slugs(self._db, categories, slug)


def keyed(table: FromClause, key: str) -> ColumnElement[bool]:
    """Find by id or by slug, whichever the key reads as."""
    id_ = read_id(key)
    return table.c.id == id_ if id_ else table.c.slug == key


def _row(category: Category) -> Row:
    names = (it.name for it in categories.c if it.name != "version")
    return {name: getattr(category, name) for name in names}
