"""Pages by number: what is asked, and the envelope that answers."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from marshmallow import Schema, ValidationError, fields, validates

from nexus.application.ports.pages import Page, PageWanted
from nexus.entrypoints.http.schemas import Number

FARTHEST = 1_000_000


class PageQuery(Schema):
    """`page` from 1, `page_size` up to the setting's most."""

    page = Number(load_default=1)
    page_size = Number(load_default=None)

    @validates("page")
    def check_page(self, value: int, data_key: str) -> None:
        if not 1 <= value <= FARTHEST:
            raise ValidationError(f"Must be from 1 to {FARTHEST}.")

    @validates("page_size")
    def check_page_size(self, value: int | None, data_key: str) -> None:
        most = current_app.config["PAGE_SIZE_MAX"]
        if value is not None and not 1 <= value <= most:
            raise ValidationError(f"Must be from 1 to {most}.")


class Ordering(fields.Field[tuple[str, ...]]):
    """Keys joined by commas, each with `-` in front for falling; an unknown one is refused."""

    def __init__(self, keys: Collection[str]) -> None:
        told = f"Of {', '.join(sorted(keys))}; `-` in front reverses."
        super().__init__(metadata={"type": "string", "description": told})
        self._keys = keys

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> tuple[str, ...]:
        asked = tuple(dict.fromkeys(it.strip() for it in str(value).split(",") if it.strip()))
        if unknown := [it for it in asked if it.removeprefix("-") not in self._keys]:
            raise ValidationError(f"Unknown: {', '.join(unknown)[:100]}.")
        return asked


def page_wanted(query: dict[str, Any]) -> PageWanted:
    """Take the page out of the parsed query; what is left are filters."""
    size = query.pop("page_size") or current_app.config["PAGE_SIZE"]
    return PageWanted(query.pop("page"), size)


@dataclass(frozen=True, slots=True)
class Envelope:
    count: int | None
    next: str | None
    previous: str | None
    results: tuple[Any, ...]


def envelope(page: Page[Any], wanted: PageWanted) -> Envelope:
    more = (page.count or 0) > wanted.number * wanted.size
    return Envelope(
        count=page.count,
        next=_link(wanted.number + 1) if more else None,
        previous=_link(wanted.number - 1) if wanted.number > 1 else None,
        results=page.items,
    )


def _link(number: int) -> str:
    others = [(k, v) for k, v in request.args.items(multi=True) if k != "page"]
    return f"{request.base_url}?{urlencode([*others, ('page', number)])}"


def page_schema(item: type[Schema]) -> type[Schema]:
    """Return the envelope schema for pages of this item."""
    return Schema.from_dict(
        {
            "count": fields.Integer(allow_none=True, required=True),
            "next": fields.String(allow_none=True, required=True),
            "previous": fields.String(allow_none=True, required=True),
            "results": fields.List(fields.Nested(item), required=True),
        },
        name=f"PageOf{item.__name__}",
    )
