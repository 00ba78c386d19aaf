"""The banks and wallets that Chapa lists."""

from __future__ import annotations

from typing import Any


def bank(number: int, slug: str, name: str, length: int, *, wallet: bool = False) -> dict[str, Any]:
    return {
        "id": number,
        "slug": slug,
        "swift": slug.upper(),
        "name": name,
        "acct_length": length,
        "country_id": 1,
        "currency": "ETB",
        "is_mobilemoney": 1 if wallet else None,
        "is_rtgs": None if wallet else 1,
        "is_24hrs": 1 if wallet else None,
        "is_active": 1,
        "active": 1,
    }


BANKS = (
    bank(946, "cbe_bank", "Commercial Bank of Ethiopia (CBE)", 13),
    bank(656, "awash_bank", "Awash Bank", 14),
    bank(347, "abyssinia_bank", "Bank of Abyssinia", 8),
    bank(880, "dashen_bank", "Dashen Bank", 13),
    bank(301, "coop_bank", "Cooperative Bank of Oromia (COOP)", 13),
    bank(855, "telebirr", "telebirr", 10, wallet=True),
    bank(128, "cbebirr", "CBEBirr", 10, wallet=True),
    bank(266, "mpesa", "M-Pesa", 10, wallet=True),
)
