"""Links that are mailed and work once: asked for, made, used up, and forgotten."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from nexus.application.ports.system import Clock, OwedReaction
from nexus.application.ports.work import StartWork, Work
from nexus.domain.one_time_tokens import (
    LinkInvalid,
    LinkRequested,
    OneTimeToken,
    Purpose,
    digest,
    new_secret,
)
from nexus.domain.users import User, normal_email


@dataclass(frozen=True)
class RequestLink:
    """Ask for a link to be mailed; whether there is anybody to mail it to is found out later.

    So an address with an account costs exactly as much as one without, and answers alike.
    """

    start_work: StartWork
    purpose: Purpose

    def __call__(self, *, email: str) -> None:
        with self.start_work() as work:
            work.publish(LinkRequested(normal_email(email), self.purpose))


@dataclass(frozen=True)
class AnswerLinkRequest:
    """Owe the owner of the address the mail that was asked for, once a minute at most."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, owed: OwedReaction) -> None:
        email, purpose = owed.event.data["email"], Purpose(owed.event.data["purpose"])
        with self.start_work() as work:
            if found := work.users.by_email(email):
                user = work.users.lock(found.id)
                self._ask(user, purpose)
                if user.events:
                    work.users.save(user)

    def _ask(self, user: User, purpose: Purpose) -> None:
        at = self.now()
        if purpose is Purpose.RESET_PASSWORD and user.may_ask_for_reset(at=at):
            user.ask_for_reset(at=at)
        if purpose is Purpose.VERIFY_EMAIL and user.may_ask_for_verification(at=at):
            user.ask_for_verification(at=at)


@dataclass(frozen=True)
class IssueLink:
    """Make the secret of one mail; only its hash is kept, beside the address that it proves."""

    start_work: StartWork
    now: Clock
    purpose: Purpose
    lifetime: timedelta

    def __call__(self, *, user_id: UUID, email: str | None = None) -> str:
        """Return the secret; it goes to the account's own address unless another is named."""
        secret, at = new_secret(), self.now()
        with self.start_work() as work:
            user = work.users.by_id(user_id)
            work.one_time_tokens.add(
                OneTimeToken(
                    token_hash=digest(secret),
                    user_id=user.id,
                    purpose=self.purpose,
                    email=email or user.email,
                    created_at=at,
                    expires_at=at + self.lifetime,
                )
            )
        return secret


def use_up(work: Work, token: str, purpose: Purpose, *, now: Clock) -> tuple[User, OneTimeToken]:
    """Take a mailed token; return whose it is, locked, and what was kept; raise LinkInvalid."""
    at = now()
    kept = work.one_time_tokens.find(digest(token), purpose, at=at)
    if kept is None:
        raise LinkInvalid
    # The user before the tokens, as everywhere, or two could wait for each other.
    user = work.users.lock(kept.user_id)
    taken = work.one_time_tokens.take(kept.token_hash, purpose, at=at)
    if taken is None or not user.is_active:
        raise LinkInvalid
    return user, kept
