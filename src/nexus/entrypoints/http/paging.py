"""Pages by number or by cursor: what is asked, and the envelope that answers."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from flask import current_app, request
from marshmallow import Schema, ValidationError, fields, validates, validates_schema

from nexus.application.ports.pages import Page, PageWanted
from nexus.entrypoints.http.cursors import read, written
from nexus.entrypoints.http.schemas import Number, Text

FARTHEST = 2**31 - 1
LONGEST_CURSOR = 4000
BY_NUMBER = "The page, counted from 1; not together with `cursor`."
BY_SIZE = "How many stand on a page: 12 unless asked otherwise, at most 100."
BY_CURSOR = """Empty, begins a walk through the whole list, which `next` goes on with: `count` is
then null, a page costs the same however far it is, and what is added meanwhile moves nothing. A
cursor is good for the list and the `ordering` that it was given for."""


class PageQuery(Schema):
    """`page` from 1, or `cursor`; `page_size` up to the setting's most.

    Nothing has to be asked for, and what is not asked for is not looked at, which would take most
    of the time that reading a query takes.
    """

    page = Number(metadata={"description": BY_NUMBER})
    cursor = Text(most=LONGEST_CURSOR, metadata={"description": BY_CURSOR})
    page_size = Number(metadata={"description": BY_SIZE})

    def __init__(self, **how: Any) -> None:
        super().__init__(**how | {"partial": True})

    @validates_schema
    def check_way(self, query: dict[str, Any], **_: Any) -> None:
        if "page" in query and "cursor" in query:
            raise ValidationError("Either a page or a cursor.", "cursor")

    @validates("page")
    def check_page(self, value: int, data_key: str) -> None:
        if not 1 <= value <= FARTHEST:
            raise ValidationError(f"Must be from 1 to {FARTHEST}.")

    @validates("page_size")
    def check_page_size(self, value: int, data_key: str) -> None:
        most = current_app.config["PAGE_SIZE_MAX"]
        if not 1 <= value <= most:
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
    size = query.pop("page_size", None) or current_app.config["PAGE_SIZE"]
    number, cursor = query.pop("page", 1), query.pop("cursor", None)
    return PageWanted(number, size, None if cursor is None else read(cursor))


@dataclass(frozen=True, slots=True)
class Envelope:
    count: int | None
    next: str | None
    previous: str | None
    results: tuple[Any, ...]


def envelope(page: Page[Any], wanted: PageWanted) -> Envelope:
    if wanted.is_walk:
        goes_on = f"{_here()}cursor={written(page.last)}" if page.last else None
        return Envelope(count=None, next=goes_on, previous=None, results=page.items)
    more = page.last is not None or (page.count or 0) > wanted.number * wanted.size
    here = _here() if more or wanted.number > 1 else ""
    return Envelope(
        count=page.count,
        next=f"{here}page={wanted.number + 1}" if more else None,
        previous=f"{here}page={wanted.number - 1}" if wanted.number > 1 else None,
        results=page.items,
    )


def _here() -> str:
    """Return the link to this list with all that is asked for, but for the place in it."""
    asked = request.args.items(multi=True)
    others = urlencode([it for it in asked if it[0] not in ("page", "cursor")])
    path = quote(request.root_path + request.path)
    return f"{request.scheme}://{request.host}{path}?{others}{'&' if others else ''}"


@cache
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
