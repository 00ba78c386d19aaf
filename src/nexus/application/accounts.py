"""Opening an account, and closing it."""

from dataclasses import dataclass
from uuid import UUID

from nexus.application.passwords import end_access
from nexus.application.ports.security import Passwords
from nexus.application.ports.shopping import CartOwner
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.one_time_tokens import new_secret
from nexus.domain.passwords import PasswordRules
from nexus.domain.shared import AlreadyExists, new_id
from nexus.domain.users import (
    AccountExists,
    Preferences,
    Profile,
    Role,
    User,
    UsernameTaken,
    keep_an_admin,
    normal_email,
)

_UNNAMED = Profile()


@dataclass(frozen=True)
class Register:
    """Open an account, or tell the owner of the address that somebody tried to.

    Whoever calls cannot tell one from the other, since both are the same work.
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
        with self.start_work() as work:
            if profile.username and work.users.by_username(profile.username):
                raise UsernameTaken
            owner = work.users.open(user)
            if owner != user.id:
                work.publish(AccountExists(owner))


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
class CloseAccount:
    """Leave nothing of a person but their orders, which are kept as the law asks, by themselves.

    Their reviews stay, too, and name nobody. Raise LastAdmin. The address and the username are
    free for a new account at once.
    """

    start_work: StartWork
    passwords: Passwords
    now: Clock

    def __call__(self, *, user_id: UUID) -> None:
        nobodys = self.passwords.hash(new_secret())
        with self.start_work() as work:
            # Before the user, so that two administrators cannot each leave the shop to the other.
            admins = work.users.lock_admins()
            user = work.users.lock(user_id)
            user.close(nobodys, at=self.now())
            keep_an_admin(admins, user)
            work.users.save(user)
            end_access(work, user, now=self.now)
            work.api_tokens.revoke_all(user_id, at=self.now())
            if factor := work.factors.lock(user_id):
                work.factors.remove(factor)
            work.addresses.remove_all(user_id)
            work.views.forget(user_id)
            work.carts.take(CartOwner(customer_id=user_id))
            work.wishlists.remove_all(user_id)
            work.stock_alerts.remove(user_id=user_id, email=None, product=None)
