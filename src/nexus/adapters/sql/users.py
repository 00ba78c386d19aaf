from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from nexus.adapters.sql.errors import REFUSALS, refuse_duplicate
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import Moment, currency, identity, metadata, version
from nexus.domain.shared import Stale, invalid
from nexus.domain.users import Preferences, Profile, Role, User, UsernameTaken, UserNotFound

users = Table(
    "users",
    metadata,
    identity(),
    Column("email", String(254), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("username", String(150)),
    Column("first_name", String(150), nullable=False, server_default=""),
    Column("last_name", String(150), nullable=False, server_default=""),
    Column("phone", String(20)),
    Column("locale", String(10), nullable=False, server_default="en"),
    currency(),
    Column("marketing_opt_in", Boolean, nullable=False, server_default="false"),
    Column("role", String(10), nullable=False, server_default="customer"),
    Column("permissions", ARRAY(String(40)), nullable=False, server_default="{}"),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    Column("verified_at", Moment),
    Column("verification_asked_at", Moment),
    Column("reset_asked_at", Moment),
    Column("closed_at", Moment),
    Column("staff_notes", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    version(),
    UniqueConstraint("email"),
    CheckConstraint("email ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name="email"),
    # So that whatever has an @ is an address, and never another user's name.
    CheckConstraint("username !~ '@'", name="username"),
    CheckConstraint("closed_at is null or not is_active", name="closed"),
    CheckConstraint("role in ('customer', 'staff', 'admin')", name="role"),
)
Index("uq_users_username", func.lower(users.c.username), unique=True)
Index("ix_users_created_at", users.c.created_at, users.c.id)
Index("ix_users_first_name", users.c.first_name, users.c.id)
Index("ix_users_last_name", users.c.last_name, users.c.id)
refuse_duplicate("uq_users_email", "email")
REFUSALS["ck_users_email"] = partial(invalid, "email", "Not an e-mail address.")
REFUSALS["uq_users_username"] = UsernameTaken


class SqlUsers(SqlRepository):
    def add(self, user: User) -> None:
        self._insert(users, user, _fixed(user) | _row(user))

    def open(self, user: User) -> UUID:
        # Known or new, the same two statements: neither their number nor their time tells which.
        row = _fixed(user) | _row(user) | {"version": user.version}
        unless_known = insert(users).values(row).on_conflict_do_nothing(index_elements=["email"])
        self._db.execute(unless_known)
        query = select(users.c.id).where(users.c.email == user.email)
        owner: UUID | None = self._db.scalar(query)
        if owner is None:
            # Whoever had the address gave it up between the two.
            raise Stale
        if owner == user.id:
            self._gather(user)
        return owner

    def save(self, user: User) -> None:
        self._update(users, user, user.id, _row(user))

    def by_id(self, user_id: UUID) -> User:
        return self._known(user_id, select(users).where(users.c.id == user_id))

    def lock(self, user_id: UUID) -> User:
        query = select(users).where(users.c.id == user_id)
        # Rows that refer to the user may still be written meanwhile.
        return self._known(user_id, query.with_for_update(key_share=True))

    def by_email(self, email: str) -> User | None:
        return self._one(users.c.email == email)

    def by_username(self, username: str) -> User | None:
        return self._one(func.lower(users.c.username) == func.lower(username))

    def lock_admins(self) -> list[UUID]:
        admins = (users.c.role == Role.ADMIN) & users.c.is_active
        query = select(users.c.id).where(admins).order_by(users.c.id)
        return list(self._db.scalars(query.with_for_update(key_share=True)))

    def _known(self, user_id: UUID, query: Select[Any]) -> User:
        if row := self._db.execute(query).one_or_none():
            return _user(row)
        raise UserNotFound(user_id)

    def _one(self, condition: ColumnElement[bool]) -> User | None:
        row = self._db.execute(select(users).where(condition)).one_or_none()
        return _user(row) if row else None


def _fixed(user: User) -> Row:
    return {"id": user.id, "created_at": user.created_at}


def _row(user: User) -> Row:
    own = {
        "email": user.email,
        "password_hash": user.password_hash,
        "role": user.role,
        "permissions": sorted(user.permissions),
        "is_active": user.is_active,
        "verified_at": user.verified_at,
        "verification_asked_at": user.verification_asked_at,
        "reset_asked_at": user.reset_asked_at,
        "closed_at": user.closed_at,
        "staff_notes": user.staff_notes,
    }
    return own | asdict(user.profile) | asdict(user.preferences)


def _user(row: Any) -> User:
    return User(
        id=row.id,
        email=row.email,
        password_hash=row.password_hash,
        created_at=row.created_at,
        profile=Profile(row.username, row.first_name, row.last_name, row.phone),
        preferences=Preferences(row.locale, row.currency, row.marketing_opt_in),
        role=Role(row.role),
        permissions=frozenset(row.permissions),
        is_active=row.is_active,
        verified_at=row.verified_at,
        verification_asked_at=row.verification_asked_at,
        reset_asked_at=row.reset_asked_at,
        closed_at=row.closed_at,
        staff_notes=row.staff_notes,
        version=row.version,
    )
