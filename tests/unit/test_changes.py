"""What is shown must not be written to unnoticed."""

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

import pytest
from sqlalchemy import TextClause

import nexus.adapters.sql
from nexus.adapters.sql.changes import SHOWN, WRITES
from nexus.adapters.sql.schema import metadata

WRITING = re.compile(rf"(?:INSERT INTO|UPDATE|DELETE FROM) ({'|'.join(SHOWN)})\b")


def texts() -> Iterator[tuple[str, TextClause]]:
    for found in pkgutil.iter_modules(nexus.adapters.sql.__path__, "nexus.adapters.sql."):
        for name, it in vars(import_module(found.name)).items():
            if isinstance(it, TextClause):
                yield f"{found.name}.{name}", it


@pytest.mark.parametrize(("name", "statement"), [pytest.param(*it, id=it[0]) for it in texts()])
def test_a_statement_that_is_text_names_what_it_writes_to(name: str, statement: TextClause) -> None:
    written = set(WRITING.findall(statement.text))

    noted = statement.get_execution_options().get(WRITES)
    assert {SHOWN[it] for it in written} == ({SHOWN[noted]} if noted else set())


def test_what_is_shown_are_tables() -> None:
    assert SHOWN.keys() <= metadata.tables.keys()
