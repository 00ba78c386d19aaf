"""What comes after a row, whichever way each key goes and whichever values are missing."""

from collections.abc import Iterator
from itertools import product

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, create_engine, select
from sqlalchemy.engine import make_url

from nexus.adapters.sql.queries.keyset import SortKey, following, in_order

rated = Table(
    "rated", MetaData(), Column("rating", Integer), Column("name", Text), Column("id", Integer)
)
ROWS = [
    {"rating": rating, "name": name, "id": 10 * at + twin}
    for at, (rating, name) in enumerate(product((1, 2, None), ("ሀ", "b", None)))
    for twin in range(2)
]


@pytest.fixture
def db(database_url: str) -> Iterator[Connection]:
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as db:
        db.exec_driver_sql("CREATE TEMPORARY TABLE rated (rating int, name text, id int)")
        db.execute(rated.insert(), ROWS)
        yield db
    engine.dispose()


@pytest.mark.parametrize("directions", list(product((False, True), repeat=3)))
def test_every_row_is_followed_by_those_that_sort_behind_it(
    db: Connection, directions: tuple[bool, bool, bool]
) -> None:
    ways = zip((rated.c.rating, rated.c.name, rated.c.id), directions, strict=True)
    keys = [SortKey(column, falling, column.name != "id") for column, falling in ways]
    sorted_ = select(rated).order_by(*in_order(keys))
    every = [tuple(row) for row in db.execute(sorted_)]

    for at, row in enumerate(every):
        after = db.execute(sorted_.where(following(keys, row)))
        assert [tuple(it) for it in after] == every[at + 1 :]


@pytest.mark.parametrize("falling", [False, True])
def test_keys_that_go_one_way_are_compared_as_a_row(db: Connection, falling: bool) -> None:
    keys = [SortKey(rated.c.rating, falling), SortKey(rated.c.id, falling)]

    rows = db.execute(select(rated.c.id).where(following(keys, (2, 62)), rated.c.name == "b"))

    assert "(rating, id)" in str(following(keys, (2, 62))).replace("rated.", "")
    assert {it.id for it in rows} == ({10, 11, 40, 41} if falling else set())
