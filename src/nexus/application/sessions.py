"""Who is signed in, and for how long."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from nexus.application.factors import CheckSecondFactor
from nexus.application.ports.audit import Deed
from nexus.application.ports.identity import SignedIn
from nexus.application.ports.security import Passwords
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.domain.factors import SecondFactorInvalid
from nexus.domain.sessions import Origin, Session, SessionNotFound, TokenInvalid, TokenReused
from nexus.domain.shared import Forbidden, Unauthenticated
from nexus.domain.users import (
    AccountDisabled,
    EmailNotVerified,
    InvalidCredentials,
    User,
    normal_email,
)

log = logging.getLogger("nexus.sessions")
# A request is no reason to write: that somebody is about is remembered this roughly.
NOTED_EVERY = timedelta(minutes=5)
_UNKNOWN = Origin()


class ClaimCart(Protocol):
    """Gives a guest's cart to the customer who has just signed in."""

    def __call__(self, *, cart_token: str, customer_id: UUID) -> object: ...


@dataclass(frozen=True, slots=True)
class OpenSession:
    """What tokens are made of: the session, and the one refresh that is good for it."""

    user_id: UUID
    session_id: UUID
    refresh_id: UUID
    rotated_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: Session) -> "OpenSession":
        refresh = (session.refresh_id, session.rotated_at, session.expires_at)
        return cls(session.user_id, session.id, *refresh)


@dataclass(frozen=True)
class LogIn:
    """Begin a session. An unknown account costs as much time as a wrong password.

    An account with a second factor needs its code in the same request; only who knows the
    password learns that.
    """

    start_work: StartWork
    passwords: Passwords
    now: Clock
    lifetime: timedelta
    check_factor: CheckSecondFactor
    login_fields: tuple[str, ...] = ("email", "username")
    only_verified: bool = False
    claim_cart: ClaimCart | None = None

    def __call__(
        self,
        *,
        identifier: str,
        password: str,
        code: str | None = None,
        origin: Origin = _UNKNOWN,
        cart_token: str | None = None,
    ) -> OpenSession:
        user = self._find(identifier)
        try:
            session = self._begin(self._proved(user, password), code, origin)
        except (Unauthenticated, Forbidden) as refusal:
            reason = {"reason": refusal.code}
            with self.start_work() as work:
                work.record(Deed("login.failed", "user", user.id if user else None, after=reason))
            raise
        self._claim(cart_token, session.user_id)
        return OpenSession.of(session)

    def _proved(self, user: User | None, password: str) -> User:
        # Outside of any transaction, so that no connection waits for the slow comparison.
        right = self.passwords.matches(password, user.password_hash if user else None)
        if user is None or not right:
            raise InvalidCredentials
        if not user.is_active:
            raise AccountDisabled
        if self.only_verified and not user.is_verified:
            raise EmailNotVerified
        return user

    def _begin(self, user: User, code: str | None, origin: Origin) -> Session:
        at = self.now()
        session = Session.begin(user.id, at=at, lifetime=self.lifetime, origin=origin)
        with self.start_work() as work:
            # Who changed or disabled it meanwhile has ended every session: this is one of them.
            current = work.users.lock(user.id)
            if current.password_hash != user.password_hash:
                raise InvalidCredentials
            if not current.is_active:
                raise AccountDisabled
            right = self.check_factor(work, user_id=user.id, code=code, at=at)
            if right:
                work.sessions.add(session)
                work.record(Deed("login.succeeded", "user", user.id))
        # Raised here, since inside the refusal would undo the count of wrong codes.
        if not right:
            raise SecondFactorInvalid
        return session

    def _find(self, identifier: str) -> User | None:
        field = "email" if "@" in identifier else "username"
        if field not in self.login_fields:
            return None
        with self.start_work() as work:
            if field == "email":
                return work.users.by_email(normal_email(identifier))
            return work.users.by_username(identifier.strip())

    def _claim(self, cart_token: str | None, customer_id: UUID) -> None:
        if not cart_token or not self.claim_cart:
            return
        try:
            self.claim_cart(cart_token=cart_token, customer_id=customer_id)
        except Exception:
            # Whatever is wrong with a cart, its owner is signed in.
            log.exception("the guest's cart was not claimed")


@dataclass(frozen=True)
class RefreshSession:
    """Exchange the latest refresh for a new one.

    Whoever repeats an exchange at once, since its answer was lost, is given the same successor.
    Any other that was exchanged before is taken for stolen: the whole session ends, for the
    thief and for the owner, who signs in again.
    """

    start_work: StartWork
    now: Clock
    lifetime: timedelta

    def __call__(self, *, session_id: UUID, refresh_id: UUID) -> OpenSession:
        at = self.now()
        with self.start_work() as work:
            session = work.sessions.lock(session_id)
            if session is None:
                raise TokenInvalid
            if not work.users.by_id(session.user_id).is_active:
                raise TokenInvalid
            fresh = session.exchange(refresh_id, at=at, lifetime=self.lifetime)
            work.sessions.save(session)
        # Raised here, since inside the refusal would undo the revocation.
        if not fresh:
            raise TokenReused
        return OpenSession.of(session)


@dataclass(frozen=True)
class LogOut:
    """End a session at once, with all its tokens; one that has ended stays so."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, session_id: UUID) -> None:
        with self.start_work() as work:
            session = work.sessions.lock(session_id)
            if session is None:
                raise TokenInvalid
            _end(work, session, at=self.now())


@dataclass(frozen=True)
class EndSession:
    """End one of the owner's sessions, wherever it is used; raise SessionNotFound."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, session_id: UUID, owner: UUID) -> None:
        at = self.now()
        with self.start_work() as work:
            session = work.sessions.lock(session_id, owner=owner)
            if session is None or not session.is_open(at=at):
                raise SessionNotFound(session_id)
            _end(work, session, at=at)


def _end(work: Work, session: Session, *, at: datetime) -> None:
    session.revoke(at=at)
    work.sessions.save(session)
    work.record(Deed("session.ended", "user", session.user_id))


@dataclass(frozen=True)
class NoteUse:
    """Remember when a session or an API token was last used, to within NOTED_EVERY."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, seen: SignedIn) -> None:
        at = self.now()
        if seen.last_used_at is not None and at - seen.last_used_at < NOTED_EVERY:
            return
        with self.start_work() as work:
            if seen.session_id:
                work.sessions.touch(seen.session_id, at=at)
            if seen.token_id:
                work.api_tokens.touch(seen.token_id, at=at)


@dataclass(frozen=True)
class LogOutEverywhere:
    """End every session of a user."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, user_id: UUID) -> None:
        with self.start_work() as work:
            work.sessions.revoke_all(user_id, at=self.now())
            work.record(Deed("sessions.ended", "user", user_id))
