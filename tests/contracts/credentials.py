"""What every store of sessions, second factors and API tokens promises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nexus.application.ports.work import StartWork
from nexus.domain.api_tokens import ApiToken, ApiTokenNotFound
from nexus.domain.factors import SecondFactorExists, TotpFactor
from nexus.domain.sessions import Origin, Session
from nexus.domain.shared import Stale, new_id
from nexus.domain.users import User
from tests.contracts.identity import IdentityContract
from tests.people import NOON, user

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
PHONE = Origin("Firefox on Android", "203.0.113.0/24")


class SessionsContract(IdentityContract):
    @pytest.fixture
    def session(self, store: StartWork, hana: User) -> Session:
        session = Session.begin(hana.id, at=NOON, lifetime=WEEK, origin=PHONE)
        with store() as work:
            work.sessions.add(session)
        return session

    def test_returns_a_session_as_it_was_added(self, store: StartWork, session: Session) -> None:
        with store() as work:
            assert work.sessions.lock(session.id) == session

    def test_keeps_what_is_saved(self, store: StartWork, session: Session) -> None:
        session.exchange(session.refresh_id, at=NOON + HOUR, lifetime=WEEK)
        with store() as work:
            work.sessions.save(session)

        with store() as work:
            assert work.sessions.lock(session.id) == session

    def test_has_no_unknown_session(self, store: StartWork) -> None:
        with store() as work:
            assert work.sessions.lock(new_id()) is None

    def test_hides_anothers_session(self, store: StartWork, session: Session) -> None:
        with store() as work:
            assert work.sessions.lock(session.id, owner=session.user_id) == session
            assert work.sessions.lock(session.id, owner=new_id()) is None

    def test_remembers_a_use_without_disturbing_other_work(
        self, store: StartWork, session: Session
    ) -> None:
        with store() as work:
            work.sessions.touch(session.id, at=NOON + HOUR)

        with store() as work:
            assert work.sessions.lock(session.id) == replace(session, last_used_at=NOON + HOUR)
            work.sessions.save(session)

    def test_ends_every_session_of_one_user(
        self, store: StartWork, hana: User, session: Session
    ) -> None:
        other = user("other@example.com")
        with store() as work:
            work.users.add(other)
            theirs = Session.begin(other.id, at=NOON, lifetime=WEEK)
            work.sessions.add(theirs)
            work.sessions.revoke_all(hana.id, at=NOON)

        with store() as work:
            ended, open_ = work.sessions.lock(session.id), work.sessions.lock(theirs.id)
        assert ended
        assert ended.revoked_at == NOON
        assert open_
        assert open_.revoked_at is None

    def test_may_leave_one_session_open(
        self, store: StartWork, hana: User, session: Session
    ) -> None:
        with store() as work:
            work.sessions.revoke_all(hana.id, at=NOON, but=session.id)

        with store() as work:
            assert work.sessions.lock(session.id) == session

    def test_forgets_those_that_ended_before_a_time(
        self, store: StartWork, session: Session
    ) -> None:
        with store() as work:
            assert work.sessions.forget(before=session.expires_at) == 0
            assert work.sessions.forget(before=session.expires_at + timedelta(seconds=1)) == 1
            assert work.sessions.lock(session.id) is None


class TotpFactorsContract(IdentityContract):
    @pytest.fixture
    def factor(self, store: StartWork, hana: User) -> TotpFactor:
        factor = TotpFactor.begin(hana.id, "sealed", at=NOON)
        with store() as work:
            work.factors.add(factor)
        return factor

    def test_returns_a_factor_as_it_was_added(self, store: StartWork, factor: TotpFactor) -> None:
        with store() as work:
            assert work.factors.lock(factor.user_id) == factor
            assert work.factors.lock(new_id()) is None

    def test_keeps_what_is_saved(self, store: StartWork, factor: TotpFactor) -> None:
        factor.confirm(at=NOON)
        factor.use_step(7)
        with store() as work:
            work.factors.save(factor)

        with store() as work:
            assert work.factors.lock(factor.user_id) == factor

    def test_has_one_factor_of_a_user(self, store: StartWork, factor: TotpFactor) -> None:
        with pytest.raises(SecondFactorExists), store() as work:
            work.factors.add(TotpFactor.begin(factor.user_id, "other", at=NOON))

    def test_forgets_what_is_removed(self, store: StartWork, factor: TotpFactor) -> None:
        with store() as work:
            work.factors.remove(factor)

        with store() as work:
            assert work.factors.lock(factor.user_id) is None

    def test_refuses_to_save_over_a_newer_version(
        self, store: StartWork, factor: TotpFactor
    ) -> None:
        with store() as work:
            work.factors.save(replace(factor))

        with pytest.raises(Stale), store() as work:
            work.factors.save(factor)


class ApiTokensContract(IdentityContract):
    @pytest.fixture
    def token(self, store: StartWork, hana: User) -> ApiToken:
        may = frozenset({"catalog.write"})
        token, _ = ApiToken.issue(hana.id, "Import", may, at=NOON, expires_at=NOON + WEEK)
        with store() as work:
            work.api_tokens.add(token)
        return token

    def test_returns_a_token_as_it_was_added(self, store: StartWork, token: ApiToken) -> None:
        with store() as work:
            assert work.api_tokens.lock(token.id, owner=token.user_id) == token

    def test_keeps_what_is_saved(self, store: StartWork, token: ApiToken) -> None:
        token.revoke(at=NOON)
        with store() as work:
            work.api_tokens.save(token)

        with store() as work:
            assert work.api_tokens.lock(token.id, owner=token.user_id) == token

    def test_hides_anothers_token(self, store: StartWork, token: ApiToken) -> None:
        with pytest.raises(ApiTokenNotFound), store() as work:
            work.api_tokens.lock(token.id, owner=new_id())

    def test_remembers_a_use_without_disturbing_other_work(
        self, store: StartWork, token: ApiToken
    ) -> None:
        with store() as work:
            work.api_tokens.touch(token.id, at=NOON + HOUR)

        with store() as work:
            found = work.api_tokens.lock(token.id, owner=token.user_id)
            assert found == replace(token, last_used_at=NOON + HOUR)
            work.api_tokens.save(token)

    def test_ends_every_token_of_one_user(self, store: StartWork, hana: User) -> None:
        token, _ = ApiToken.issue(hana.id, "till", frozenset(), at=NOON, expires_at=None)
        with store() as work:
            work.api_tokens.add(token)
            work.api_tokens.revoke_all(new_id(), at=NOON)
            assert work.api_tokens.lock(token.id, owner=hana.id).revoked_at is None
            work.api_tokens.revoke_all(hana.id, at=NOON)

        with store() as work:
            assert work.api_tokens.lock(token.id, owner=hana.id).revoked_at == NOON
