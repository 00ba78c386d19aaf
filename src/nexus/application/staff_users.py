"""What staff may change about accounts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.shared import Forbidden
from nexus.domain.users import AccountIsClosed, Role, User, keep_an_admin


class OnlyAdmins(Forbidden):
    code = "forbidden"
    detail = "Only administrators may do this."


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanges:
    """What becomes of an account; None leaves it as it is."""

    profile: Mapping[str, Any] = field(default_factory=dict)
    notes: str | None = None
    is_active: bool | None = None
    role: Role | None = None
    permissions: frozenset[str] | None = None

    @property
    def appoints(self) -> bool:
        return self.role is not None or self.permissions is not None

    def apply(self, user: User) -> None:
        user.profile = replace(user.profile, **self.profile)
        if self.notes is not None:
            user.staff_notes = self.notes
        if self.is_active is not None:
            user.enable(self.is_active)
        if self.appoints:
            role = self.role or user.role
            kept = user.permissions if role is Role.STAFF else frozenset[str]()
            user.appoint(role, kept if self.permissions is None else self.permissions)


@dataclass(frozen=True)
class ChangeUser:
    """Change an account as staff; one that is disabled is signed out everywhere.

    Roles, permissions and the accounts of administrators are for administrators alone.
    """

    start_work: StartWork
    now: Clock

    def __call__(self, *, user_id: UUID, changes: UserChanges, by_admin: bool) -> None:
        if changes.appoints and not by_admin:
            raise OnlyAdmins
        with self.start_work() as work:
            # All of them, and first: two who demoted each other would otherwise leave none.
            admins = work.users.lock_admins()
            user = work.users.lock(user_id)
            if user.role is Role.ADMIN and not by_admin:
                raise OnlyAdmins
            if user.closed_at:
                raise AccountIsClosed
            changes.apply(user)
            keep_an_admin(admins, user)
            work.users.save(user)
            if not user.is_active:
                work.sessions.revoke_all(user.id, at=self.now())
