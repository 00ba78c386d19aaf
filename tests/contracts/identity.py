"""What every store of accounts, sessions, links and addresses promises."""

from datetime import timedelta
from uuid import UUID

import pytest

from nexus.application.ports.work import StartWork, Work
from nexus.domain.addresses import AddressNotFound
from nexus.domain.one_time_tokens import OneTimeToken, Purpose
from nexus.domain.shared import AlreadyExists, Stale, new_id
from nexus.domain.users import Role, User, UsernameTaken, UserNotFound
from tests.people import HOME, NOON, saved_address, user

WEEK = timedelta(days=7)


class IdentityContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    @pytest.fixture
    def hana(self, store: StartWork) -> User:
        hana = user(username="Hana")
        with store() as work:
            work.users.add(hana)
        return hana


class UsersContract(IdentityContract):
    def test_returns_a_user_as_it_was_added(self, store: StartWork, hana: User) -> None:
        with store() as work:
            assert work.users.by_id(hana.id) == hana
            assert work.users.lock(hana.id) == hana
            assert work.users.by_email("hana@example.com") == hana

    def test_finds_a_username_in_whatever_case(self, store: StartWork, hana: User) -> None:
        with store() as work:
            assert work.users.by_username("hANA") == hana

    def test_keeps_what_is_saved(self, store: StartWork, hana: User) -> None:
        hana.verify(at=NOON)
        with store() as work:
            work.users.save(hana)

        with store() as work:
            assert work.users.by_id(hana.id).verified_at == NOON

    def test_refuses_to_save_over_a_newer_version(self, store: StartWork, hana: User) -> None:
        with store() as work:
            work.users.save(work.users.by_id(hana.id))

        with pytest.raises(Stale), store() as work:
            work.users.save(hana)

    def test_refuses_a_second_account_with_the_address(self, store: StartWork, hana: User) -> None:
        with pytest.raises(AlreadyExists) as refusal, store() as work:
            work.users.add(user(hana.email))

        assert refusal.value.field == "email"

    def test_refuses_a_second_account_with_the_name(self, store: StartWork, hana: User) -> None:
        with pytest.raises(UsernameTaken), store() as work:
            work.users.add(user("other@example.com", username="HANA"))

    def test_lets_many_have_no_name(self, store: StartWork) -> None:
        with store() as work:
            work.users.add(user("one@example.com"))
            work.users.add(user("other@example.com"))

    def test_knows_the_administrators_who_can_sign_in(self, store: StartWork, hana: User) -> None:
        chief, disabled = user("chief@example.com"), user("disabled@example.com")
        chief.role = disabled.role = Role.ADMIN
        disabled.is_active = False
        with store() as work:
            work.users.add(chief)
            work.users.add(disabled)

        with store() as work:
            assert work.users.lock_admins() == [chief.id]

    def test_refuses_an_unknown_user(self, store: StartWork) -> None:
        for find in ("by_id", "lock"):
            with pytest.raises(UserNotFound), store() as work:
                getattr(work.users, find)(new_id())

    def test_knows_nobody_of_an_unknown_address_or_name(self, store: StartWork) -> None:
        with store() as work:
            assert work.users.by_email("nobody@example.com") is None
            assert work.users.by_username("nobody") is None

    def test_forgets_everything_when_the_work_fails(self, store: StartWork, hana: User) -> None:
        def add_two(work: Work) -> None:
            work.users.add(user("one@example.com"))
            work.users.add(user(hana.email))

        with pytest.raises(AlreadyExists), store() as work:
            add_two(work)

        with store() as work:
            assert work.users.by_email("one@example.com") is None

    def test_opens_an_account_where_the_address_has_none(self, store: StartWork) -> None:
        new = user("new@example.com")
        with store() as work:
            assert work.users.open(new) == new.id

        with store() as work:
            assert work.users.by_email("new@example.com") == new

    def test_leaves_the_account_alone_that_an_address_has(
        self, store: StartWork, hana: User
    ) -> None:
        with store() as work:
            assert work.users.open(user(hana.email, username="other")) == hana.id

        with store() as work:
            assert work.users.by_id(hana.id) == hana

    def test_opens_none_with_a_name_that_is_taken(self, store: StartWork, hana: User) -> None:
        with pytest.raises(UsernameTaken), store() as work:
            work.users.open(user("new@example.com", username="HANA"))

    def test_keeps_an_account_that_was_closed(self, store: StartWork, hana: User) -> None:
        hana.close("nobody's", at=NOON)
        with store() as work:
            work.users.save(hana)

        with store() as work:
            assert work.users.by_id(hana.id) == hana
            assert work.users.by_email("hana@example.com") is None


class OneTimeTokensContract(IdentityContract):
    @pytest.fixture
    def kept(self, store: StartWork, hana: User) -> OneTimeToken:
        kept = OneTimeToken("a" * 64, hana.id, Purpose.VERIFY_EMAIL, hana.email, NOON, NOON + WEEK)
        with store() as work:
            work.one_time_tokens.add(kept)
        return kept

    def taken(self, store: StartWork, token_hash: str, after: timedelta) -> UUID | None:
        with store() as work:
            return work.one_time_tokens.take(token_hash, Purpose.VERIFY_EMAIL, at=NOON + after)

    def test_gives_a_token_away_once(self, store: StartWork, kept: OneTimeToken) -> None:
        takers = [self.taken(store, kept.token_hash, timedelta(hours=1)) for _ in range(2)]

        assert takers == [kept.user_id, None]

    def test_gives_none_away_that_is_too_old(self, store: StartWork, kept: OneTimeToken) -> None:
        assert self.taken(store, kept.token_hash, WEEK) is None

    def test_shows_a_token_while_it_is_good(self, store: StartWork, kept: OneTimeToken) -> None:
        with store() as work:
            find = work.one_time_tokens.find
            assert find(kept.token_hash, kept.purpose, at=NOON) == kept
            assert find(kept.token_hash, Purpose.RESET_PASSWORD, at=NOON) is None
            assert find(kept.token_hash, kept.purpose, at=NOON + WEEK) is None

    def test_uses_up_all_that_one_user_was_mailed(
        self, store: StartWork, kept: OneTimeToken
    ) -> None:
        other = user("other@example.com")
        theirs = OneTimeToken(
            "b" * 64, other.id, Purpose.VERIFY_EMAIL, other.email, NOON, NOON + WEEK
        )
        with store() as work:
            work.users.add(other)
            work.one_time_tokens.add(theirs)
            work.one_time_tokens.use_up_all(kept.user_id, at=NOON)

        takers = [self.taken(store, it.token_hash, timedelta()) for it in (kept, theirs)]
        assert takers == [None, other.id]

    def test_forgets_those_that_were_too_old(self, store: StartWork, kept: OneTimeToken) -> None:
        with store() as work:
            forget = work.one_time_tokens.forget
            assert forget(before=kept.expires_at) == 0
            assert forget(before=kept.expires_at + timedelta(seconds=1)) == 1

    def test_knows_nothing_of_another(self, store: StartWork, kept: OneTimeToken) -> None:
        assert self.taken(store, "b" * 64, timedelta()) is None


class AddressesContract(IdentityContract):
    def test_returns_an_address_as_it_was_added(self, store: StartWork, hana: User) -> None:
        saved = saved_address(hana.id, is_default=True)
        with store() as work:
            work.addresses.add(saved)

        with store() as work:
            assert work.addresses.by_id(saved.id, owner=hana.id) == saved

    def test_hides_anothers_address(self, store: StartWork, hana: User) -> None:
        saved = saved_address(hana.id)
        with store() as work:
            work.addresses.add(saved)

        with store() as work:
            assert work.addresses.by_ids([saved.id, new_id()], owner=hana.id) == {saved.id: HOME}
            assert work.addresses.by_ids([saved.id], owner=new_id()) == {}
        with pytest.raises(AddressNotFound), store() as work:
            work.addresses.by_id(saved.id, owner=new_id())

    def test_has_one_default_of_a_kind(self, store: StartWork, hana: User) -> None:
        first, second = (saved_address(hana.id, is_default=True) for _ in range(2))
        with store() as work:
            work.addresses.add(first)

        with pytest.raises(AlreadyExists), store() as work:
            work.addresses.add(second)

    def test_makes_way_for_a_new_default(self, store: StartWork, hana: User) -> None:
        first, second = (saved_address(hana.id, is_default=True) for _ in range(2))
        with store() as work:
            work.addresses.add(first)
            work.addresses.make_way(second)
            work.addresses.add(second)

        with store() as work:
            found = [work.addresses.by_id(it.id, owner=hana.id) for it in (first, second)]
        assert [it.is_default for it in found] == [False, True]

    def test_refuses_to_save_over_a_newer_version(self, store: StartWork, hana: User) -> None:
        saved = saved_address(hana.id)
        with store() as work:
            work.addresses.add(saved)
            work.addresses.save(work.addresses.by_id(saved.id, owner=hana.id))

        with pytest.raises(Stale), store() as work:
            work.addresses.save(saved)

    def test_forgets_all_of_one_owner(self, store: StartWork, hana: User) -> None:
        other = user("other@example.com")
        mine, theirs = saved_address(hana.id), saved_address(other.id)
        with store() as work:
            work.users.add(other)
            work.addresses.add(mine)
            work.addresses.add(theirs)
            work.addresses.remove_all(hana.id)

        with store() as work:
            assert not work.addresses.by_ids([mine.id], owner=hana.id)
            assert work.addresses.by_ids([theirs.id], owner=other.id)

    def test_forgets_what_is_removed(self, store: StartWork, hana: User) -> None:
        saved = saved_address(hana.id)
        with store() as work:
            work.addresses.add(saved)
            work.addresses.remove(saved)

        with store() as work:
            assert work.addresses.by_ids([saved.id], owner=hana.id) == {}
