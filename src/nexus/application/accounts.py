"""Opening an account, and proving that its address is its owner's."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from nexus.application.ports.security import Passwords
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.one_time_tokens import LinkInvalid, OneTimeToken, Purpose, digest, new_secret
from nexus.domain.shared import AlreadyExists, new_id
from nexus.domain.users import (
    AccountExists,
    PasswordRules,
    Preferences,
    Profile,
    Role,
    User,
    UsernameTaken,
    normal_email,
)

_UNNAMED = Profile()


@dataclass(frozen=True)
class Register:
    """Open an account, or tell the owner of the address that somebody tried to.

    Whoever calls cannot tell one from the other.
    """

    start_work: StartWork
    passwords: Passwords
    rules: PasswordRules
    now: Clock
    preferences: Preferences

    def __call__(self, *, email: str, password: str, profile: Profile) -> None:
        email = normal_email(email)
        self.rules.check(password, email=email, profile=profile)
        kept = self.passwords.hash(password)
        user = User.register(email, kept, profile, self.preferences, at=self.now())
        try:
            self._add(user)
        except AlreadyExists:
            # Another request opened it a moment ago, so now there is an owner to tell.
            self._add(user)

    def _add(self, user: User) -> None:
        username = user.profile.username
        with self.start_work() as work:
            if username and work.users.by_username(username):
                raise UsernameTaken
            if owner := work.users.by_email(user.email):
                work.publish(AccountExists(owner.id))
            else:
                work.users.add(user)


@dataclass(frozen=True)
class EnsureAccount:
    """Make sure that an address has an account of this role; one that it has stays as it is.

    A new one is verified from the start, and nobody is mailed.
    """

    start_work: StartWork
    passwords: Passwords
    rules: PasswordRules
    now: Clock
    role: Role

    def __call__(self, *, email: str, password: str, profile: Profile = _UNNAMED) -> UUID:
        email = normal_email(email)
        if (found := self._find(email)) is not None:
            return found
        self.rules.check(password, email=email, profile=profile)
        at = self.now()
        user = User(new_id(), email, self.passwords.hash(password), at, profile, role=self.role)
        user.verified_at = at
        try:
            with self.start_work() as work:
                work.users.add(user)
        except AlreadyExists:
            # Another process that was started beside this one was faster.
            return self(email=email, password=password, profile=profile)
        return user.id

    def _find(self, email: str) -> UUID | None:
        with self.start_work() as work:
            owner = work.users.by_email(email)
            return owner.id if owner else None


@dataclass(frozen=True)
class IssueVerification:
    """Make the secret of one verification mail; only its hash is kept."""

    start_work: StartWork
    now: Clock
    lifetime: timedelta

    def __call__(self, *, user_id: UUID) -> str:
        secret, at = new_secret(), self.now()
        with self.start_work() as work:
            user = work.users.by_id(user_id)
            work.one_time_tokens.add(
                OneTimeToken(digest(secret), user.id, Purpose.VERIFY_EMAIL, at, at + self.lifetime)
            )
        return secret


@dataclass(frozen=True)
class RequestVerification:
    """Mail the verification again, once a minute at most; silent about who has an account."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, email: str) -> None:
        at = self.now()
        with self.start_work() as work:
            found = work.users.by_email(normal_email(email))
            if found is None:
                return
            user = work.users.lock(found.id)
            if user.may_ask_for_verification(at=at):
                user.ask_for_verification(at=at)
                work.users.save(user)


@dataclass(frozen=True)
class VerifyEmail:
    """Believe that an address is its owner's, given the secret that was mailed there."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, token: str) -> None:
        at = self.now()
        with self.start_work() as work:
            user_id = work.one_time_tokens.take(digest(token), Purpose.VERIFY_EMAIL, at=at)
            if user_id is None:
                raise LinkInvalid
            user = work.users.lock(user_id)
            user.verify(at=at)
            work.users.save(user)
