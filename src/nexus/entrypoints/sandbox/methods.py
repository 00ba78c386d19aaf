"""How a customer can pay on the hosted page, and the numbers that Chapa lets succeed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

WALLET_PHONES = ("0900123456", "0900112233", "0900881111")
MPESA_PHONES = ("0700123456", "0700112233", "0700881111")
OTP = "12345"
EXPIRY = "12/34"
CARDS = {
    "4200000000000000": "123",
    "3700000000000000": "1234",
    "5400000000000000": "123",
    "6200000000000000": "123",
    "3800000000000000": "123",
}

Form = Mapping[str, str]


@dataclass(frozen=True)
class PhoneMethod:
    slug: str
    name: str
    phones: tuple[str, ...] = WALLET_PHONES
    otp: str | None = None

    def approves(self, form: Form) -> bool:
        has_otp = self.otp is None or form.get("otp", "").strip() == self.otp
        return form.get("phone", "").strip() in self.phones and has_otp


@dataclass(frozen=True)
class CardMethod:
    slug: str = "card"
    name: str = "Visa · Mastercard · Amex · UnionPay · Diners"

    def approves(self, form: Form) -> bool:
        number = re.sub(r"[ -]", "", form.get("card_number", ""))
        expiry = re.sub(r"\s", "", form.get("expiry", ""))
        return expiry == EXPIRY and CARDS.get(number) == form.get("cvv", "").strip()


METHODS: tuple[PhoneMethod | CardMethod, ...] = (
    PhoneMethod("telebirr", "telebirr"),
    PhoneMethod("cbebirr", "CBE Birr"),
    PhoneMethod("mpesa", "M-Pesa", MPESA_PHONES),
    PhoneMethod("awash", "Awash Bank", otp=OTP),
    CardMethod(),
)


def method_named(slug: str) -> PhoneMethod | CardMethod:
    """Return the method, or the first one for a name that nobody knows."""
    return next((method for method in METHODS if method.slug == slug), METHODS[0])
