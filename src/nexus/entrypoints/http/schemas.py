"""The field types that every message shares."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from flask import current_app
from marshmallow import Schema, ValidationError, fields, validate

from nexus.domain.shared import Money

TEXT_MAX = 10_000
NOT_AN_AMOUNT = "Not an amount with at most the currency's digits."


class Whole(fields.Integer):
    """A JSON integer: not true, not 1.0, not "1"."""

    def _validated(self, value: Any) -> Any:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Number(fields.Integer):
    """A whole number in a query string: ASCII digits alone."""

    def _validated(self, value: Any) -> Any:
        digits = str(value)
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
            raise self.make_error("invalid", input=value)
        return super()._validated(digits)


class Flag(fields.Boolean):
    """A JSON boolean, or true/false/1/0 in a query string, also as Python writes them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            truthy={True, "true", "True", "1"}, falsy={False, "false", "False", "0"}, **kwargs
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) not in (bool, str):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Text(fields.String):
    """Text without surrounding space; at most TEXT_MAX characters unless told otherwise."""

    def __init__(
        self, *, least: int = 0, most: int = TEXT_MAX, pattern: str | None = None, **kwargs: Any
    ) -> None:
        rules: list[validate.Validator] = [validate.Length(min=least, max=most)]
        if pattern:
            rules.append(validate.Regexp(pattern + r"\Z"))
        super().__init__(validate=rules, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, attr, data, **kwargs).strip()


def read_money(value: Any, currency: str, complaint: str) -> Money:
    """Read plain decimal digits, as a string or a JSON number; refuse all else with a complaint."""
    text = str(value)
    is_plain = text.isascii() and text.lstrip("-").replace(".", "", 1).isdigit()
    try:
        if type(value) in (str, int, Decimal) and is_plain:
            return Money.parse(text, currency)
    except ValueError:
        pass
    raise ValidationError(complaint)


class Amount(fields.Field[Money]):
    """Money: a decimal string out; a string or a JSON number in, of the shop's currency."""

    def __init__(self, *, least: int = 0, **kwargs: Any) -> None:
        shown = {"type": "string", "format": "decimal", "example": "1299.99"}
        super().__init__(metadata=shown | kwargs.pop("metadata", {}), **kwargs)
        self._least = least

    def _serialize(self, value: Money | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value.text if value is not None else None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Money:
        money = read_money(value, current_app.config["CURRENCY"], NOT_AN_AMOUNT)
        if money.minor < self._least:
            raise ValidationError(f"Must be at least {Money(self._least, money.currency).text}.")
        return money


class Moment(fields.AwareDateTime):
    """RFC 3339 in UTC with `Z` out; any aware RFC 3339 time in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=None, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kwargs).astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value and value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Since(Moment):
    """An aware RFC 3339 time, or a day, which begins at midnight in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and len(value) == len("2026-01-01"):
            try:
                return datetime.combine(date.fromisoformat(value), time(), UTC)
            except ValueError as error:
                raise self.make_error("invalid", input=value, obj_type="datetime") from error
        return super()._deserialize(value, attr, data, **kwargs)


class Message(Schema):
    """A sentence for a person."""

    message = fields.String(required=True)
