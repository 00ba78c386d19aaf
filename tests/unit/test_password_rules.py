import unicodedata

import pytest

from nexus.adapters.passwords import common_passwords
from nexus.domain.passwords import PasswordRules
from nexus.domain.shared import ValidationFailed
from nexus.domain.users import Profile

RULES = PasswordRules(least=8, common=common_passwords())
HANA = Profile("hana.girma", "Hana", "Girma-Tesfaye", "+251911234567")


class TestPasswordRules:
    @pytest.mark.parametrize(
        "password",
        [
            "testpass123",
            "securepass",
            "three-cups-of-buna",
            "nexus-admin-local",
            "nexus-customer-local",
            "የይለፍ ቃል ነው",
            "x" * 128,
            unicodedata.normalize("NFD", "é" * 128),
            "hana-likes-buna",
            "90817263",
        ],
    )
    def test_let_a_good_one_pass(self, password: str) -> None:
        RULES.check(password, email="hana@example.com", profile=HANA)

    @pytest.mark.parametrize(
        "password",
        [
            "short77",
            "x" * 129,
            "password1",
            "PASSWORD1",
            "12345678",
            "hana@example.com",
            "Hana@Example.com!",
            "Hana.Girma",
            "h.a.n.a.2026",
            "girma-tesfaye",
            "Girma Tesfaye 1!",
            "Hana Girma-Tesfaye",
            "+251911234567",
        ],
    )
    def test_refuse_what_is_guessed_first(self, password: str) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            RULES.check(password, email="hana@example.com", profile=HANA)

        assert list(refusal.value.errors) == ["password"]

    def test_name_the_field_that_they_are_asked_about(self) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            RULES.check("short", email="hana@example.com", profile=HANA, field="new_password")

        assert list(refusal.value.errors) == ["new_password"]

    @pytest.mark.parametrize("password", ["joséphine", "jose\u0301phine"])
    def test_know_a_name_however_its_letters_are_composed(self, password: str) -> None:
        jose = Profile(first_name="Joséphine")

        with pytest.raises(ValidationFailed):
            RULES.check(password, email="j@example.com", profile=jose)

    def test_count_characters_rather_than_bytes(self) -> None:
        with pytest.raises(ValidationFailed):
            RULES.check("ቡና" * 2, email="hana@example.com", profile=HANA)
        with pytest.raises(ValidationFailed):
            RULES.check(
                unicodedata.normalize("NFD", "é" * 7), email="hana@example.com", profile=HANA
            )
