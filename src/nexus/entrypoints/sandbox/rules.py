"""What Chapa asks of a payment before it opens one, in Chapa's own words."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

Complaints = dict[str, list[str]]
Check = Callable[[Any], bool]

CURRENCIES = ("ETB", "USD")
REQUIRED = ("amount", "currency", "tx_ref")
PLAIN_TEXT = "may only contain letters, numbers, hyphens, underscores, spaces, and dots."


def as_amount(value: Any) -> Decimal | None:
    """Read a number, written as one or as text; anything else is None."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    is_number = re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]+)?", str(value))
    return Decimal(str(value)) if is_number else None


def matches(pattern: str) -> Check:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def at_most(length: int) -> Check:
    return lambda value: len(str(value)) <= length


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_web_address(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def is_positive(value: Any) -> bool:
    amount = as_amount(value)
    return amount is not None and amount >= Decimal("0.01")


is_plain = matches(r"[A-Za-z0-9_ .-]*")

# Only the first complaint about a field is made, so the order within a field matters.
RULES: tuple[tuple[str, Check, str], ...] = (
    ("amount", lambda value: as_amount(value) is not None, "validation.numeric"),
    ("amount", is_positive, "validation.min.numeric"),
    ("currency", is_text, "validation.string"),
    ("tx_ref", is_text, "validation.string"),
    ("tx_ref", at_most(50), "validation.max.string"),
    ("tx_ref", matches(r"[A-Za-z0-9_-]+"), "validation.alpha_dash"),
    ("email", matches(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"), "validation.email"),
    ("first_name", is_text, "validation.string"),
    ("last_name", is_text, "validation.string"),
    ("phone_number", matches(r"0[79]\d{8}"), "validation.regex"),
    ("callback_url", is_web_address, "validation.url"),
    ("return_url", is_web_address, "validation.url"),
    ("customization", lambda value: isinstance(value, dict), "validation.array"),
    ("customization.title", is_text, "validation.string"),
    (
        "customization.title",
        at_most(16),
        "The customization.title must not exceed 16 characters.",
    ),
    ("customization.title", is_plain, f"The customization.title {PLAIN_TEXT}"),
    ("customization.description", is_text, "validation.string"),
    (
        "customization.description",
        at_most(50),
        "The customization.description must not exceed 50 characters.",
    ),
    ("customization.description", is_plain, f"The customization.description {PLAIN_TEXT}"),
    ("customization.logo", is_web_address, "validation.url"),
)


def value_at(body: dict[str, Any], field: str) -> Any:
    """Follow the dots; an empty text counts as absent, as it does in Laravel."""
    value: Any = body
    for name in field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return None if value == "" else value


def complaints_about(body: dict[str, Any]) -> Complaints:
    complaints = {
        name: ["validation.required"] for name in REQUIRED if value_at(body, name) is None
    }
    for field, is_fine, complaint in RULES:
        value = value_at(body, field)
        if value is not None and field not in complaints and not is_fine(value):
            complaints[field] = [complaint]
    return complaints
