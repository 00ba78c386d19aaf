from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask

from nexus.application.ports.pages import Keys
from nexus.domain.shared import ValidationFailed
from nexus.entrypoints.http.cursors import read, written

ID = UUID("01936b9c-7d5e-7c3a-9b1e-0242ac120002")
NOON = datetime(2026, 11, 21, 12, 0, 0, 123456, UTC)


@pytest.fixture
def app() -> Flask:
    app = Flask("lists", static_folder=None)
    app.config["SECRET_KEY"] = "x" * 40
    app.add_url_rule("/mugs", "mugs", lambda: "")
    app.add_url_rule("/cups", "cups", lambda: "")
    return app


def given(app: Flask, keys: Keys, path: str = "/mugs") -> str:
    with app.test_request_context(path):
        return written(keys)


def taken(app: Flask, cursor: str, path: str = "/mugs") -> Keys:
    with app.test_request_context(path):
        return read(cursor)


@pytest.mark.parametrize(
    "keys",
    [(ID,), (NOON, ID), (12, ID), (4.25, ID), (Decimal("4.50"), ID), ("ጀበና", ID), (None, ID)],
)
def test_brings_back_what_was_given_away_of_the_same_kind(app: Flask, keys: Keys) -> None:
    cursor = given(app, keys)

    found = taken(app, cursor)
    assert (found, [type(it) for it in found]) == (keys, [type(it) for it in keys])
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_is_short(app: Flask) -> None:
    assert len(given(app, (NOON, ID))) < 140


def test_begins_with_nothing(app: Flask) -> None:
    assert taken(app, "") == ()


def test_is_good_for_the_next_page_of_whatever_size(app: Flask) -> None:
    cursor = given(app, (12, ID), "/mugs?ordering=price&brand=Nile")

    assert taken(app, cursor, "/mugs?ordering=price&brand=Nile&page_size=5") == (12, ID)


@pytest.mark.parametrize("path", ["/cups", "/mugs?ordering=price", "/mugs?search=mug"])
def test_is_no_good_elsewhere(app: Flask, path: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        taken(app, given(app, (12, ID)), path)

    assert list(refused.value.errors) == ["cursor"]


@pytest.mark.parametrize("cursor", ["x", "é", "a" * 3000, "....", "AAAAAAAAAAAAAA", "WzFd"])
def test_refuses_what_was_never_given(app: Flask, cursor: str) -> None:
    with pytest.raises(ValidationFailed):
        taken(app, cursor)


def test_refuses_one_that_was_tampered_with(app: Flask) -> None:
    cursor = given(app, (12, ID))

    with pytest.raises(ValidationFailed):
        taken(app, cursor[:-3] + ("AAA" if not cursor.endswith("AAA") else "BBB"))
