"""People and places that are good by default; a test says only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from argon2 import PasswordHasher

from nexus.adapters.passwords import Argon2Passwords
from nexus.adapters.totp import EncryptedTotp
from nexus.domain.addresses import Address, Kind, SavedAddress
from nexus.domain.shared import new_id
from nexus.domain.users import Profile, User

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PASSWORD = "three-cups-of-buna"
# As weak as the library allows, since what tests hash protects nobody.
WEAK = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1)
CHEAP = Argon2Passwords(WEAK)
TOTP = EncryptedTotp("a key that protects nothing", issuer="Nexus")
HOME = Address(first_name="Hana", phone="+251911234567", city="Addis Ababa", line1="Bole Road")


def user(email: str = "hana@example.com", *, username: str | None = None) -> User:
    kept = CHEAP.hash(PASSWORD)
    return User(new_id(), email, kept, NOON, Profile(username, "Hana", "Girma"))


def saved_address(owner: UUID, *, is_default: bool = False, city: str = HOME.city) -> SavedAddress:
    address = replace(HOME, city=city)
    return SavedAddress(new_id(), owner, Kind.SHIPPING, address, NOON, is_default)
