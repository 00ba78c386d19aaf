from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from nexus.adapters.sql.categories import keyed
from nexus.adapters.sql.errors import REFUSALS, refuse_duplicate
from nexus.adapters.sql.names import taken_slugs
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import identity, metadata, version
from nexus.domain.collections import Collection, CollectionNotFound, Condition, Match, Rule
from nexus.domain.shared import Money, Stale

collections = Table(
    "collections",
    metadata,
    identity(),
    Column("name", String(200), nullable=False),
    Column("slug", String(120, collation="C"), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("image_url", Text),
    Column("meta_title", String(200), nullable=False, server_default=""),
    Column("meta_description", String(500), nullable=False, server_default=""),
    Column("rule", JSONB(none_as_null=True)),
    version(),
    UniqueConstraint("slug"),
    CheckConstraint("jsonb_typeof(rule -> 'conditions') = 'array'", name="rule"),
)
collection_products = Table(
    "collection_products",
    metadata,
    Column("collection_id", ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, nullable=False),
    Index("ix_collection_products_position", "collection_id", "position", "product_id"),
    Index("ix_collection_products_product_id", "product_id"),
)
refuse_duplicate("uq_collections_slug", "slug")
# Somebody removed the product while it was being chosen.
REFUSALS["fk_collection_products_product_id"] = Stale

_PLAIN = [it.name for it in collections.c if it.name not in ("rule", "version")]


class SqlCollections(SqlRepository):
    def add(self, collection: Collection) -> None:
        self._insert(collections, collection, _row(collection))
        self._put(collection, collection.product_ids)

    def save(self, collection: Collection) -> None:
        self._update(collections, collection, collection.id, _row(collection))
        mine = collection_products.c.collection_id == collection.id
        self._db.execute(delete(collection_products).where(mine))
        self._put(collection, collection.product_ids)

    def _put(self, collection: Collection, product_ids: list[UUID]) -> None:
        rows = [
            {"collection_id": collection.id, "product_id": it, "position": at}
            for at, it in enumerate(product_ids)
        ]
        self._insert_rows(collection_products, rows)

    def remove(self, collection: Collection) -> None:
        self._db.execute(delete(collections).where(collections.c.id == collection.id))

    def lock(self, key: str) -> Collection:
        query = select(collections, _product_ids()).where(keyed(collections, key))
        row = self._db.execute(query.with_for_update(of=collections)).first()
        if row is None:
            raise CollectionNotFound(key)
        facts = {name: getattr(row, name) for name in _PLAIN}
        rule = rule_from(row.rule)
        return Collection(**facts, rule=rule, product_ids=row.product_ids, version=row.version)

    def taken_slugs(self, slug: str) -> set[str]:
        return taken_slugs(self._db, collections, slug)


def _product_ids() -> Any:
    chosen = collection_products.c
    mine = select(chosen.product_id).where(chosen.collection_id == collections.c.id)
    return func.array(mine.order_by(chosen.position).scalar_subquery()).label("product_ids")


def _row(collection: Collection) -> Row:
    row = {name: getattr(collection, name) for name in _PLAIN}
    return row | {"rule": collection.rule and _as_json(collection.rule)}


def _as_json(rule: Rule) -> Row:
    return {"match": rule.match, "conditions": [dict(_said(it)) for it in rule.conditions]}


def _said(condition: Condition) -> list[tuple[str, Any]]:
    """Give what is asked for alone; money in minor units, beside its currency."""
    told = ((it.name, getattr(condition, it.name)) for it in fields(condition))
    return [
        (name, [value.minor, value.currency] if isinstance(value, Money) else value)
        for name, value in told
        if value is not None
    ]


def rule_from(kept: Mapping[str, Any] | None) -> Rule | None:
    if kept is None:
        return None
    told = told_rule(kept)
    return Rule(Match(told["match"]), tuple(Condition(**it) for it in told["conditions"]))


def told_rule(kept: Mapping[str, Any]) -> Row:
    """Return what is kept of a rule, with money as such."""
    return {"match": kept["match"], "conditions": [_told(it) for it in kept["conditions"]]}


def _told(kept: Row) -> Row:
    return kept | {it: Money(*kept[it]) for it in ("min_price", "max_price") if it in kept}
