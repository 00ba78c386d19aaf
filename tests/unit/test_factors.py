from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.adapters.totp import EncryptedTotp
from nexus.application.factors import (
    BeginTotp,
    CheckSecondFactor,
    ConfirmPassword,
    ConfirmTotp,
    RemoveTotp,
)
from nexus.domain.factors import (
    MOST_WRONG,
    REST,
    FactorConfirmed,
    FactorNotFound,
    FactorRemoved,
    SecondFactorExists,
    SecondFactorInvalid,
    SecondFactorRequired,
)
from nexus.domain.shared import ValidationFailed
from nexus.domain.users import User
from tests.people import CHEAP, NOON, PASSWORD, TOTP, user

STEP = timedelta(seconds=30)


@dataclass
class Desk:
    """Hana with her phone, at a time that a test moves."""

    store: MemoryStore
    hana: User
    at: datetime = NOON
    app: pyotp.TOTP | None = None

    def code(self, *, off: timedelta = timedelta()) -> str:
        assert self.app
        return self.app.at(self.at + off)

    def now(self) -> datetime:
        return self.at

    @property
    def confirm_password(self) -> ConfirmPassword:
        return ConfirmPassword(self.store, CHEAP)

    def begin(self, password: str = PASSWORD) -> None:
        begin = BeginTotp(self.store, self.confirm_password, TOTP, self.now)
        self.app = pyotp.TOTP(begin(user_id=self.hana.id, password=password).secret)

    def confirm(self, code: str | None = None) -> list[str]:
        confirm = ConfirmTotp(self.store, TOTP, self.now)
        return confirm(user_id=self.hana.id, code=code or self.code())

    def remove(self, code: str, password: str = PASSWORD) -> None:
        remove = RemoveTotp(self.store, self.confirm_password, CheckSecondFactor(TOTP), self.now)
        remove(user_id=self.hana.id, password=password, code=code)

    def check(self, code: str | None, totp: EncryptedTotp = TOTP) -> None:
        with self.store() as work:
            right = CheckSecondFactor(totp)(work, user_id=self.hana.id, code=code, at=self.at)
        if not right:
            raise SecondFactorInvalid


@pytest.fixture
def desk() -> Desk:
    desk = Desk(MemoryStore(), user())
    with desk.store() as work:
        work.users.add(desk.hana)
    return desk


@pytest.fixture
def recovery(desk: Desk) -> list[str]:
    """The recovery codes of a factor that was confirmed a while ago."""
    desk.begin()
    codes = desk.confirm()
    desk.at += 10 * STEP
    return codes


class TestBeginTotp:
    def test_needs_the_password(self, desk: Desk) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            desk.begin("wrong")

        assert list(refusal.value.errors) == ["password"]

    def test_keeps_the_secret_encrypted(self, desk: Desk) -> None:
        desk.begin()

        with desk.store() as work:
            factor = work.factors.lock(desk.hana.id)
        assert factor
        assert desk.app
        assert desk.app.secret not in factor.sealed_secret
        assert factor.sealed_secret not in repr(factor)

    def test_gives_the_address_that_apps_read(self) -> None:
        new = TOTP.new(account="hana@example.com")

        assert new.uri.startswith("otpauth://totp/Nexus:hana%40example.com?secret=" + new.secret)

    def test_asks_for_nothing_and_may_begin_anew_until_it_is_confirmed(self, desk: Desk) -> None:
        desk.begin()
        desk.check(None)
        desk.begin()

        assert len(desk.confirm()) == 10
        with pytest.raises(SecondFactorExists):
            desk.begin()


class TestConfirmTotp:
    def test_gives_recovery_codes_and_keeps_their_hashes(self, desk: Desk) -> None:
        desk.begin()

        codes = desk.confirm()

        with desk.store() as work:
            factor = work.factors.lock(desk.hana.id)
        assert factor
        assert len(set(codes)) == len(factor.recovery_hashes) == 10
        assert not factor.recovery_hashes & set(codes)
        assert desk.store.events == [FactorConfirmed(desk.hana.id)]

    def test_refuses_a_wrong_code(self, desk: Desk) -> None:
        desk.begin()

        for wrong in ("000000", "", "ኮድ", desk.code(off=-10 * STEP)):
            with pytest.raises(ValidationFailed) as refusal:
                desk.confirm(wrong or "x")
            assert list(refusal.value.errors) == ["code"]

    def test_happens_once(self, desk: Desk, recovery: list[str]) -> None:
        with pytest.raises(SecondFactorExists):
            desk.confirm()

    def test_needs_a_beginning(self, desk: Desk) -> None:
        with pytest.raises(FactorNotFound):
            desk.confirm("123456")


class TestCheckSecondFactor:
    def test_asks_for_a_code(self, desk: Desk, recovery: list[str]) -> None:
        for none in (None, ""):
            with pytest.raises(SecondFactorRequired):
                desk.check(none)

    @pytest.mark.parametrize("off", [-STEP, timedelta(), STEP])
    def test_takes_the_apps_code_of_about_now(
        self, desk: Desk, recovery: list[str], off: timedelta
    ) -> None:
        desk.check(desk.code(off=off))

    @pytest.mark.parametrize("off", [-2 * STEP, 2 * STEP])
    def test_refuses_one_of_another_time(
        self, desk: Desk, recovery: list[str], off: timedelta
    ) -> None:
        with pytest.raises(SecondFactorInvalid):
            desk.check(desk.code(off=off))

    def test_takes_a_code_once(self, desk: Desk, recovery: list[str]) -> None:
        code, before = desk.code(), desk.code(off=-STEP)
        desk.check(code)

        desk.at += STEP
        for used in (code, before):
            with pytest.raises(SecondFactorInvalid):
                desk.check(used)
        desk.check(desk.code())

    def test_does_not_take_the_code_that_confirmed_it(self, desk: Desk) -> None:
        desk.begin()
        desk.confirm()

        with pytest.raises(SecondFactorInvalid):
            desk.check(desk.code())

    @pytest.mark.parametrize("typed", [str, str.upper, lambda code: code.replace("-", " ")])
    def test_takes_a_recovery_code_once_however_it_is_typed(
        self, desk: Desk, recovery: list[str], typed: Callable[[str], str]
    ) -> None:
        desk.check(typed(recovery[0]))

        with pytest.raises(SecondFactorInvalid):
            desk.check(recovery[0])
        desk.check(recovery[1])

    def test_lets_the_app_rest_after_many_wrong_codes(
        self, desk: Desk, recovery: list[str]
    ) -> None:
        for _ in range(MOST_WRONG):
            self.refuse(desk, "000000")

        self.refuse(desk, desk.code())
        desk.at += REST
        self.refuse(desk, "000000")
        self.refuse(desk, desk.code())
        desk.check(recovery[0])
        desk.check(desk.code())

    def refuse(self, desk: Desk, code: str) -> None:
        with pytest.raises(SecondFactorInvalid):
            desk.check(code)

    def test_takes_recovery_codes_when_the_secret_cannot_be_read_any_more(
        self, desk: Desk, recovery: list[str]
    ) -> None:
        other = EncryptedTotp("another key", issuer="Nexus")

        with pytest.raises(SecondFactorInvalid):
            desk.check(desk.code(), totp=other)
        desk.check(recovery[0], totp=other)


class TestRemoveTotp:
    def test_asks_for_codes_no_more(self, desk: Desk, recovery: list[str]) -> None:
        desk.remove(desk.code())

        desk.check(None)
        assert desk.store.events[-1] == FactorRemoved(desk.hana.id)

    def test_takes_a_recovery_code_as_well(self, desk: Desk, recovery: list[str]) -> None:
        desk.remove(recovery[0])

        desk.check(None)

    def test_needs_the_password_and_a_code(self, desk: Desk, recovery: list[str]) -> None:
        for password, code in (("wrong", desk.code()), (PASSWORD, "000000")):
            with pytest.raises(ValidationFailed):
                desk.remove(code, password)

        with pytest.raises(SecondFactorRequired):
            desk.check(None)

    def test_needs_a_factor(self, desk: Desk) -> None:
        with pytest.raises(FactorNotFound):
            desk.remove("123456")
