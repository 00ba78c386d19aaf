"""The cells of a row, read by the very schemas that read the bodies of requests."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import BadRequest

from nexus.application.ports.exchange import OPTION, ProductRow, Row
from nexus.domain.shared import ValidationFailed
from nexus.entrypoints.http.bodies import flat, read_json
from nexus.entrypoints.http.catalog_fields import VariantBody
from nexus.entrypoints.http.catalog_files import read_tags
from nexus.entrypoints.http.product_bodies import ProductChanges, facts_in

_FACTS = (
    *("sku", "name", "description", "price", "compare_at_price", "category", "status", "stock"),
    *("brand", "tags", "attributes"),
)


class RowReader:
    """Turns text into what the application knows, wherever it runs."""

    def __init__(self, currency: str) -> None:
        # Amounts are of the currency of an application.
        self._app = Flask("rows", static_folder=None)
        self._app.config["CURRENCY"] = currency
        self._product = ProductChanges(only=_FACTS)
        self._options = VariantBody(only=("options",))

    def __call__(self, row: Row) -> ProductRow:
        options = {k.removeprefix(OPTION): v for k, v in row.cells.items() if k.startswith(OPTION)}
        errors: dict[str, list[str]] = {}
        with self._app.app_context():
            body = _load(self._product, _values(row.cells, errors), errors)
            chosen = _load(self._options, {"options": options}, errors)
        if errors:
            raise ValidationFailed(errors)
        facts = facts_in(body)
        price = facts.pop("price", None)
        if category := body.get("category"):
            facts["category"] = category
        return ProductRow(
            number=row.number,
            sku=body["sku"],
            facts=facts,
            price=price,
            stock=body.get("stock"),
            options=chosen["options"],
            picture=row.cells.get("image_url"),
        )


def _values(cells: Mapping[str, str], errors: dict[str, list[str]]) -> dict[str, Any]:
    """Return what the cells say as JSON would."""
    values: dict[str, Any] = {}
    for column in _FACTS:
        if column in cells:
            try:
                values[column] = _READ.get(column, str)(cells[column])
            except (BadRequest, ValidationFailed):
                errors[column] = ["Not a JSON object."]
    return values


def _units(text: str) -> int | str:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 20 else text


_READ: Mapping[str, Callable[[str], Any]] = {
    "stock": _units,
    "tags": read_tags,
    "attributes": lambda text: read_json(text.encode()),
}


def _load(schema: Schema, values: Mapping[str, Any], errors: dict[str, list[str]]) -> Any:
    try:
        return schema.load(values)
    except ValidationError as error:
        for path, messages in flat(error.messages):
            errors.setdefault(_column(path), []).extend(messages)
        return {}


def _column(path: str) -> str:
    field, _, rest = path.partition(".")
    return f"{OPTION}{rest.rpartition('.')[0] or rest}" if field == "options" else field
