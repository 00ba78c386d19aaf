"""Proving that an address is its owner's, and going by another one."""

from dataclasses import dataclass
from uuid import UUID

from nexus.application.links import use_up
from nexus.application.passwords import prove
from nexus.application.ports.security import Passwords
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.account_changes import EmailChangeRequested
from nexus.domain.one_time_tokens import LinkInvalid, Purpose
from nexus.domain.shared import invalid
from nexus.domain.users import normal_email


@dataclass(frozen=True)
class VerifyEmail:
    """Believe that an address is its owner's, given the secret that was mailed there."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, token: str) -> None:
        with self.start_work() as work:
            user, link = use_up(work, token, Purpose.VERIFY_EMAIL, now=self.now)
            if link.email != user.email:
                raise LinkInvalid
            user.verify(at=self.now())
            work.users.save(user)


@dataclass(frozen=True)
class RequestEmailChange:
    """Have a link mailed to the address that a user wants; nothing changes until it is used.

    Whether another account has the address is found out later, so the answer cannot tell.
    """

    start_work: StartWork
    passwords: Passwords

    def __call__(self, *, user_id: UUID, new_email: str, password: str) -> None:
        new_email = normal_email(new_email)
        with self.start_work() as work:
            user = work.users.by_id(user_id)
        prove(self.passwords, user, password, field="password")
        if new_email == user.email:
            raise invalid("new_email", "Is your address already.")
        with self.start_work() as work:
            work.publish(EmailChangeRequested(user_id, new_email))


@dataclass(frozen=True)
class ConfirmEmailChange:
    """Go by the address that a link was mailed to; every other link of the user's is void.

    Raise AlreadyExists if another account has got the address meanwhile: its owner may know.
    """

    start_work: StartWork
    now: Clock

    def __call__(self, *, token: str) -> None:
        with self.start_work() as work:
            user, link = use_up(work, token, Purpose.CHANGE_EMAIL, now=self.now)
            user.change_email(link.email, at=self.now())
            work.users.save(user)
            work.one_time_tokens.use_up_all(user.id, at=self.now())
