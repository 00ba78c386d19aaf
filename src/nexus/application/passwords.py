"""Setting another password: by the one before, or by a link when that one is forgotten."""

from dataclasses import dataclass
from uuid import UUID

from nexus.application.links import use_up
from nexus.application.ports.security import Passwords
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.domain.one_time_tokens import LinkInvalid, Purpose, digest
from nexus.domain.passwords import PasswordRules
from nexus.domain.shared import Stale, invalid
from nexus.domain.users import User


def prove(passwords: Passwords, user: User, password: str, *, field: str) -> None:
    """Raise ValidationFailed on the field if it is not their password.

    They are signed in already, so a refusal that clients answer by signing out would be wrong.
    """
    if not passwords.matches(password, user.password_hash):
        raise invalid(field, "Is not your password.")


@dataclass(frozen=True)
class ChangePassword:
    """Set another password, given the one before; every session ends but the one it is done in."""

    start_work: StartWork
    passwords: Passwords
    rules: PasswordRules
    now: Clock

    def __call__(
        self, *, user_id: UUID, session_id: UUID | None, current_password: str, new_password: str
    ) -> None:
        with self.start_work() as work:
            before = work.users.by_id(user_id)
        # Both slow steps are outside of any transaction, so that no connection waits for them.
        prove(self.passwords, before, current_password, field="current_password")
        self.rules.check(
            new_password, email=before.email, profile=before.profile, field="new_password"
        )
        kept = self.passwords.hash(new_password)
        with self.start_work() as work:
            user = work.users.lock(user_id)
            if user.password_hash != before.password_hash:
                raise Stale
            user.change_password(kept)
            work.users.save(user)
            end_access(work, user, now=self.now, but=session_id)


@dataclass(frozen=True)
class ResetPassword:
    """Set another password, given a link that was mailed; it ends every session.

    A password that is too weak does not use the link up.
    """

    start_work: StartWork
    passwords: Passwords
    rules: PasswordRules
    now: Clock

    def __call__(self, *, token: str, password: str) -> None:
        owner = self._owner(token)
        self.rules.check(password, email=owner.email, profile=owner.profile)
        kept = self.passwords.hash(password)
        with self.start_work() as work:
            user, link = use_up(work, token, Purpose.RESET_PASSWORD, now=self.now)
            if link.email != user.email:
                raise LinkInvalid
            user.reset_password(kept, at=self.now())
            work.users.save(user)
            end_access(work, user, now=self.now)

    def _owner(self, token: str) -> User:
        """Look before the slow step, so that it is not done for made-up tokens."""
        with self.start_work() as work:
            kept = work.one_time_tokens.find(digest(token), Purpose.RESET_PASSWORD, at=self.now())
            if kept is None:
                raise LinkInvalid
            return work.users.by_id(kept.user_id)


def end_access(work: Work, user: User, *, now: Clock, but: UUID | None = None) -> None:
    """End what was opened by the password before, and what could set yet another."""
    at = now()
    work.sessions.revoke_all(user.id, at=at, but=but)
    work.one_time_tokens.use_up_all(user.id, at=at)
