"""Everything that is kept of one person, read in one statement."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Select,
    Table,
    bindparam,
    case,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from nexus.adapters.sql.addresses import addresses
from nexus.adapters.sql.api_tokens import api_tokens
from nexus.adapters.sql.audit import audit_log
from nexus.adapters.sql.carts import carts
from nexus.adapters.sql.coupons import coupons, redemptions
from nexus.adapters.sql.factors import totp_factors
from nexus.adapters.sql.one_time_tokens import one_time_tokens
from nexus.adapters.sql.order_tables import order_lines, order_timeline, orders
from nexus.adapters.sql.payments import payments
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.recommendations import product_views
from nexus.adapters.sql.reviews import review_holds, review_votes, reviews
from nexus.adapters.sql.sessions import sessions
from nexus.adapters.sql.stock_alerts import stock_alerts
from nexus.adapters.sql.users import users
from nexus.adapters.sql.wishlists import wishes, wishlists
from nexus.application.ports.export import Held
from nexus.domain.shared import Money

# What opens something, or is made of what does, is shown to nobody.
SECRETS = {
    "password_hash",
    "token_hash",
    "refresh_id",
    "previous_id",
    "sealed_secret",
    "recovery_hashes",
    "share_key",
}
_PLUMBING = {
    "version",
    "user_id",
    "customer_id",
    "author_id",
    "voter_id",
    "order_id",
    "actor_id",
    "entity_id",
    "next_check_at",
    "checks",
    "last_step",
}
_ME: BindParameter[UUID] = bindparam("user_id")


def _kept(table: Table, mine: ColumnElement[bool], **more: ColumnElement[Any]) -> Select[Any]:
    """Return the rows as one JSON array, oldest first, each with what more belongs to it."""
    shown = {it.name: it for it in table.c if it.name not in SECRETS | _PLUMBING} | more
    pairs = ((_name(name), it) for name, it in shown.items())
    record = func.jsonb_build_object(*chain.from_iterable(pairs))
    first: Column[Any] = next(iter(table.primary_key))
    gathered = func.jsonb_agg(aggregate_order_by(record, first), type_=JSONB)
    return select(func.coalesce(gathered, literal_column("'[]'::jsonb"))).where(mine)


def _name(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'")


def _of_order(table: Table, **more: ColumnElement[Any]) -> ColumnElement[Any]:
    mine = table.c.order_id == orders.c.id
    return _kept(table, mine, **more).correlate(orders).scalar_subquery()


_CODE = select(coupons.c.code).where(coupons.c.id == redemptions.c.coupon_id)
_OF_ORDERS = {
    "items": _of_order(order_lines),
    "payments": _of_order(payments),
    "history": _of_order(order_timeline),
    "coupons": _of_order(redemptions, code=_CODE.correlate(redemptions).scalar_subquery()),
}
_WISHES = _kept(wishes, wishes.c.wishlist_id == wishlists.c.id).correlate(wishlists)
SECTIONS = {
    "account": _kept(users, users.c.id == _ME),
    "addresses": _kept(addresses, addresses.c.customer_id == _ME),
    "carts": _kept(carts, carts.c.customer_id == _ME),
    "orders": _kept(orders, orders.c.customer_id == _ME, **_OF_ORDERS),
    "reviews": _kept(reviews, reviews.c.author_id == _ME),
    "hidden_reviews": _kept(review_holds, review_holds.c.author_id == _ME),
    "helpful_votes": _kept(review_votes, review_votes.c.voter_id == _ME),
    "wishlists": _kept(wishlists, wishlists.c.customer_id == _ME, items=_WISHES.scalar_subquery()),
    "stock_alerts": _kept(stock_alerts, stock_alerts.c.user_id == _ME),
    "sessions": _kept(sessions, sessions.c.user_id == _ME),
    "second_factors": _kept(totp_factors, totp_factors.c.user_id == _ME),
    "api_tokens": _kept(api_tokens, api_tokens.c.user_id == _ME),
    "mailed_links": _kept(one_time_tokens, one_time_tokens.c.user_id == _ME),
    "recently_viewed": _kept(product_views, product_views.c.user_id == _ME),
    "security_log": _kept(
        audit_log,
        (audit_log.c.entity == "user") & (audit_log.c.entity_id == _ME),
        # Where somebody else acted, the address is theirs.
        ip=case((audit_log.c.actor_id == _ME, audit_log.c.ip)),
    ),
}
_EVERYTHING = select(*(it.scalar_subquery().label(name) for name, it in SECTIONS.items()))


class SqlExportQueries(SqlQueries):
    def held_of(self, user_id: UUID) -> Held:
        row = self._first(_EVERYTHING, user_id=user_id)
        return {name: _readable(rows, "") for name, rows in row._mapping.items()} if row else {}


def _readable(value: Any, currency: str) -> Any:
    """Return it with money and time as they are written everywhere outside."""
    if isinstance(value, list):
        return [_readable(each, currency) for each in value]
    if not isinstance(value, Mapping):
        return value
    own = value.get("currency") or currency
    return dict(_field(name, each, value, own) for name, each in value.items())


def _field(name: str, value: Any, row: Mapping[str, Any], currency: str) -> tuple[str, Any]:
    if value is None:
        return name.removesuffix("_minor"), None
    # The lines of a cart are kept as JSON, where this one amount has no suffix.
    if name.endswith("_minor") or name == "seen_price":
        noun = name.removesuffix("_minor")
        return noun, Money(value, row.get(f"{noun}_currency") or currency).text
    if name == "at" or name.endswith("_at"):
        at = datetime.fromisoformat(value).astimezone(UTC)
        return name, at.isoformat().replace("+00:00", "Z")
    return name, _readable(value, currency)
