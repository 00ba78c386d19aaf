"""Accounts as staff see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.users import Role

ORDERINGS = frozenset({"created_at", "email", "first_name", "last_name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownUser:
    id: UUID
    email: str
    username: str | None
    first_name: str
    last_name: str
    phone: str | None
    is_verified: bool
    is_active: bool
    role: str
    permissions: tuple[str, ...]
    notes: str
    created_at: datetime
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """What is looked for; None asks for nothing. Orderings are keys, `-` in front for falling."""

    search: str | None = None
    role: Role | None = None
    is_active: bool | None = None
    is_verified: bool | None = None
    ordering: tuple[str, ...] = ()


class StaffUserQueries(Protocol):
    def users(self, wanted: PageWanted, which: UserFilter) -> Page[KnownUser]:
        """Return a page of them, newest first unless ordered otherwise."""

    def user(self, user_id: UUID) -> KnownUser:
        """Return one; raise UserNotFound."""
