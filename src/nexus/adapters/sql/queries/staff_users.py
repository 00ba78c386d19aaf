"""Accounts as staff see them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from nexus.adapters.sql.queries.keyset import sort_keys
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.sessions import sessions
from nexus.adapters.sql.users import users
from nexus.application.ports.pages import Page, PageWanted
from nexus.application.ports.staff_users import ORDERINGS, KnownUser, UserFilter
from nexus.domain.users import UserNotFound

_LAST_SEEN = (
    select(func.max(sessions.c.last_used_at))
    .where(sessions.c.user_id == users.c.id)
    .correlate(users)
    .scalar_subquery()
)
_USERS = select(
    users.c.id,
    users.c.email,
    users.c.username,
    users.c.first_name,
    users.c.last_name,
    users.c.phone,
    users.c.verified_at.is_not(None).label("is_verified"),
    users.c.is_active,
    users.c.role,
    users.c.permissions,
    users.c.staff_notes.label("notes"),
    users.c.created_at,
    _LAST_SEEN.label("last_seen_at"),
)
_COLUMNS = {name: users.c[name] for name in ORDERINGS}
_FULL_NAME = users.c.first_name + " " + users.c.last_name
_SEARCHED = (users.c.email, users.c.username, users.c.phone, _FULL_NAME)


class SqlStaffUserQueries(SqlQueries):
    def users(self, wanted: PageWanted, which: UserFilter) -> Page[KnownUser]:
        keys = sort_keys(which.ordering, _COLUMNS, users.c.id)
        return self._page(_USERS.where(*_conditions(which)), keys, wanted, _known)

    def user(self, user_id: UUID) -> KnownUser:
        if row := self._first(_USERS.where(users.c.id == user_id)):
            return _known(row)
        raise UserNotFound(user_id)


def _conditions(which: UserFilter) -> Iterator[ColumnElement[bool]]:
    if which.search:
        text = which.search
        yield or_(*(it.icontains(text, autoescape=True) for it in _SEARCHED))
    if which.role is not None:
        yield users.c.role == which.role
    if which.is_active is not None:
        yield users.c.is_active == which.is_active
    if which.is_verified is not None:
        yield users.c.verified_at.is_not(None) == which.is_verified


def _known(row: Any) -> KnownUser:
    return KnownUser(**dict(row._mapping) | {"permissions": tuple(row.permissions)})
