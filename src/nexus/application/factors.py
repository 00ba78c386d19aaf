"""A second factor for whoever wants one: set up, asked for, and given up."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nexus.application.passwords import prove
from nexus.application.ports.security import NewTotp, Passwords, TotpSecrets
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.domain.factors import (
    FactorNotFound,
    FactorRemoved,
    SecondFactorExists,
    SecondFactorRequired,
    TotpFactor,
)
from nexus.domain.shared import invalid
from nexus.domain.users import User


@dataclass(frozen=True)
class CheckSecondFactor:
    """Use up a code of the account's second factor, if it has one; answer whether that is right.

    Raises SecondFactorRequired without a code. Wrong ones are counted, so the work is to be kept.
    """

    totp: TotpSecrets

    def __call__(self, work: Work, *, user_id: UUID, code: str | None, at: datetime) -> bool:
        factor = work.factors.lock(user_id)
        if factor is None or not factor.is_confirmed:
            return True
        if not code:
            raise SecondFactorRequired
        step = self.totp.step_of(code, factor.sealed_secret, at=at)
        right = factor.accept(code, step, at=at)
        work.factors.save(factor)
        return right


@dataclass(frozen=True)
class ConfirmPassword:
    """Return the user whose password it is; raise ValidationFailed on `password`."""

    start_work: StartWork
    passwords: Passwords

    def __call__(self, *, user_id: UUID, password: str) -> User:
        with self.start_work() as work:
            user = work.users.by_id(user_id)
        # Outside of any transaction, so that no connection waits for the slow comparison.
        prove(self.passwords, user, password, field="password")
        return user


@dataclass(frozen=True)
class BeginTotp:
    """Give a secret for an authenticator app; it counts once a code of it has been confirmed."""

    start_work: StartWork
    confirm_password: ConfirmPassword
    totp: TotpSecrets
    now: Clock

    def __call__(self, *, user_id: UUID, password: str) -> NewTotp:
        user = self.confirm_password(user_id=user_id, password=password)
        new = self.totp.new(account=user.email)
        with self.start_work() as work:
            if before := work.factors.lock(user_id):
                if before.is_confirmed:
                    raise SecondFactorExists
                work.factors.remove(before)
            work.factors.add(TotpFactor.begin(user_id, new.sealed, at=self.now()))
        return new


@dataclass(frozen=True)
class ConfirmTotp:
    """Ask for codes at every log-in from now on; return the recovery codes, shown this once."""

    start_work: StartWork
    totp: TotpSecrets
    now: Clock

    def __call__(self, *, user_id: UUID, code: str) -> list[str]:
        at = self.now()
        with self.start_work() as work:
            factor = work.factors.lock(user_id)
            if factor is None:
                raise FactorNotFound(user_id)
            if factor.is_confirmed:
                raise SecondFactorExists
            if not factor.use_step(self.totp.step_of(code, factor.sealed_secret, at=at)):
                raise invalid("code", "Is not the code that your app shows now.")
            codes = factor.confirm(at=at)
            work.factors.save(factor)
        return codes


@dataclass(frozen=True)
class RemoveTotp:
    """Ask for codes no more, given the password and one last code."""

    start_work: StartWork
    confirm_password: ConfirmPassword
    check_factor: CheckSecondFactor
    now: Clock

    def __call__(self, *, user_id: UUID, password: str, code: str) -> None:
        self.confirm_password(user_id=user_id, password=password)
        with self.start_work() as work:
            factor = work.factors.lock(user_id)
            if factor is None or not factor.is_confirmed:
                raise FactorNotFound(user_id)
            right = self.check_factor(work, user_id=user_id, code=code, at=self.now())
            if right:
                work.factors.remove(factor)
                work.publish(FactorRemoved(user_id))
        # Raised here, since inside the refusal would undo the count of wrong codes.
        if not right:
            raise invalid("code", "Is neither your app's code nor a recovery code.")
