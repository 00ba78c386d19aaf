"""The fields that people are described by, wherever they are."""

import re
import unicodedata
from typing import Any

import phonenumbers
from babel.numbers import list_currencies
from flask import current_app
from marshmallow import ValidationError, fields, validate

from nexus.domain.users import normal_email
from nexus.entrypoints.http.schemas import Text
from nexus.entrypoints.mail_addresses import mail_address

HOME = "ET"
_CURRENCIES = list_currencies()
_USERNAME = re.compile(r"[A-Za-z0-9_.+-]{1,150}")


class Line(Text):
    """One line of text in the composed form of its letters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs))
        if not text.isprintable():
            raise ValidationError("Must be a single line of printable characters.")
        return text


class Email(fields.String):
    """An address in its normal form. Only its form is looked at: nobody is asked about it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if (found := _address(text)) is None:
            raise ValidationError("Not an e-mail address.")
        return found


class Username(fields.String):
    """ASCII, so that no two look alike, and without @, so that none looks like an address."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs).strip()
        if text and not _USERNAME.fullmatch(text):
            raise ValidationError("Letters, digits and _ . + - only, at most 150.")
        return text or None


class Phone(fields.String):
    """A number as it is written at home or, with +, anywhere; E.164 inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs).strip()
        return e164(text, HOME) if text else None


class Country(fields.String):
    """An ISO 3166 code of two letters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        code = super()._deserialize(value, attr, data, **kwargs).strip().upper()
        if code not in phonenumbers.SUPPORTED_REGIONS:
            raise ValidationError("Not a country's code of two letters.")
        return code


class Currency(fields.String):
    """An ISO 4217 code of three letters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        code = super()._deserialize(value, attr, data, **kwargs).strip().upper()
        if code not in _CURRENCIES:
            raise ValidationError("Not a currency's code of three letters.")
        return code


def account_name(text: str) -> str:
    """Return what accounts are known by: a name, or the one form of an address."""
    return _address(text) or normal_email(text)


def _address(text: str) -> str | None:
    return mail_address(text, tests=current_app.config["TEST_ADDRESSES"])


def e164(text: str, country: str) -> str:
    """Read a phone number as it is written in that country; raise marshmallow's ValidationError."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValidationError("Not a phone number.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def secret(**kwargs: Any) -> fields.String:
    """Return a field that is taken as it is, and never shown."""
    return fields.String(load_only=True, validate=validate.Length(max=4096), **kwargs)
