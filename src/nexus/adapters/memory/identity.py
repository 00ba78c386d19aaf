from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from nexus.adapters.memory.tables import Tables
from nexus.domain.addresses import Address, AddressNotFound, SavedAddress
from nexus.domain.one_time_tokens import OneTimeToken, Purpose
from nexus.domain.shared import AlreadyExists
from nexus.domain.users import User, UsernameTaken, UserNotFound


class MemoryUsers:
    def __init__(self, tables: Tables) -> None:
        self._users = tables.table("users")

    def add(self, user: User) -> None:
        self._refuse_duplicates(user)
        self._users.insert(user.id, user)

    def save(self, user: User) -> None:
        self._refuse_duplicates(user)
        self._users.update(user.id, user)

    def open(self, user: User) -> UUID:
        if owner := self.by_email(user.email):
            return owner.id
        self.add(user)
        return user.id

    def by_id(self, user_id: UUID) -> User:
        user: User | None = self._users.get(user_id)
        if user is None:
            raise UserNotFound(user_id)
        return user

    def lock(self, user_id: UUID) -> User:
        return self.by_id(user_id)

    def lock_admins(self) -> list[UUID]:
        return [it.id for it in self._users.where(lambda it: it.is_admin)]

    def by_email(self, email: str) -> User | None:
        return self._users.first(lambda it: it.email == email)

    def by_username(self, username: str) -> User | None:
        return self._users.first(lambda it: _same_name(it.profile.username, username))

    def _refuse_duplicates(self, user: User) -> None:
        others = self._users.where(lambda it: it.id != user.id)
        if any(it.email == user.email for it in others):
            raise AlreadyExists("email")
        if any(_same_name(it.profile.username, user.profile.username) for it in others):
            raise UsernameTaken


def _same_name(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.lower() == other.lower()


class MemoryOneTimeTokens:
    def __init__(self, tables: Tables) -> None:
        self._tokens = tables.table("one_time_tokens")

    def add(self, token: OneTimeToken) -> None:
        self._tokens.insert(token.token_hash, token)

    def find(self, token_hash: str, purpose: Purpose, *, at: datetime) -> OneTimeToken | None:
        token: OneTimeToken | None = self._tokens.get(token_hash)
        if token is None or (token.purpose, token.used_at) != (purpose, None):
            return None
        return token if token.expires_at > at else None

    def take(self, token_hash: str, purpose: Purpose, *, at: datetime) -> UUID | None:
        token = self.find(token_hash, purpose, at=at)
        if token is None:
            return None
        self._use_up(token, at)
        return token.user_id

    def use_up_all(self, user_id: UUID, *, at: datetime) -> None:
        for token in self._tokens.where(lambda it: it.user_id == user_id and not it.used_at):
            self._use_up(token, at)

    def forget(self, *, before: datetime) -> int:
        old = self._tokens.where(lambda it: it.expires_at < before)
        for token in old:
            self._tokens.delete(token.token_hash)
        return len(old)

    def _use_up(self, token: OneTimeToken, at: datetime) -> None:
        token.used_at = at
        self._tokens.update(token.token_hash, token)


class MemoryAddresses:
    def __init__(self, tables: Tables) -> None:
        self._addresses = tables.table("addresses")

    def add(self, saved: SavedAddress) -> None:
        self._refuse_second_default(saved)
        self._addresses.insert(saved.id, saved)

    def save(self, saved: SavedAddress) -> None:
        self._refuse_second_default(saved)
        self._addresses.update(saved.id, saved)

    def remove(self, saved: SavedAddress) -> None:
        self._addresses.delete(saved.id)

    def remove_all(self, owner: UUID) -> None:
        for saved in self._addresses.where(lambda it: it.customer_id == owner):
            self.remove(saved)

    def by_id(self, address_id: UUID, *, owner: UUID) -> SavedAddress:
        saved: SavedAddress | None = self._addresses.get(address_id)
        if saved is None or saved.customer_id != owner:
            raise AddressNotFound(address_id)
        return saved

    def by_ids(self, ids: Collection[UUID], *, owner: UUID) -> dict[UUID, Address]:
        theirs = self._addresses.where(lambda it: it.id in ids and it.customer_id == owner)
        return {it.id: it.address for it in theirs}

    def make_way(self, saved: SavedAddress) -> None:
        for other in self._other_defaults(saved):
            other.is_default = False
            self._addresses.update(other.id, other)

    def _other_defaults(self, saved: SavedAddress) -> list[SavedAddress]:
        slot = (saved.customer_id, saved.kind, True)
        return self._addresses.where(
            lambda it: it.id != saved.id and (it.customer_id, it.kind, it.is_default) == slot
        )

    def _refuse_second_default(self, saved: SavedAddress) -> None:
        if saved.is_default and self._other_defaults(saved):
            raise AlreadyExists("is_default")
