"""What is in a collection, as the list of products is asked for it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from nexus.adapters.sql.collections import rule_from
from nexus.adapters.sql.queries.product_filters import keyed
from nexus.application.ports.catalog import Members, ProductFilter
from nexus.domain.collections import Condition, Match


def with_members(
    told: Callable[..., Sequence[Any]], wanted: ProductFilter, *, hidden: bool
) -> ProductFilter:
    """Put in place of the collection that is asked for what is in it: nothing, if none is known."""
    key = wanted.collection
    if not key:
        return wanted
    rows = told(members_query(key), key=key, hidden=hidden)
    return replace(wanted, collection=None, members=members_of(rows[0]) if rows else Members())


def members_query(collection: str) -> str:
    """Return the statement for one row that `members_of` reads, if there is such a collection."""
    return f"""SELECT c.id, c.rule, now() FROM collections c
        WHERE {keyed("c", collection)} AND (c.is_active OR %(hidden)s)"""


def members_of(row: Any) -> Members:
    id_, told, now = row
    rule = rule_from(told)
    if rule is None:
        return Members(chosen=id_)
    filters = tuple(_filter(it, now) for it in rule.conditions)
    return Members(filters=filters, any_of=rule.match is Match.ANY)


def _filter(condition: Condition, now: datetime) -> ProductFilter:
    asked = asdict(condition)
    money = {it: getattr(condition, it) for it in ("min_price", "max_price")}
    days = asked.pop("created_within_days")
    since = now - timedelta(days=days) if days else None
    return ProductFilter(**asked | money, created_after=since)
