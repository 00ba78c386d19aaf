"""What the outbox holds, and doing what it asks for as relay and worker would."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from nexus.adapters.sql.outbox import outbox
from nexus.application.ports.gateways import Letter
from nexus.application.reactions import REACTIONS
from nexus.bootstrap import Container

MANY = 1000


def events(container: Container) -> list[str]:
    """Return the names of what has happened, in order."""
    with container.engine().connect() as db:
        return list(db.execute(select(outbox.c.name).order_by(outbox.c.id)).scalars())


def everything(container: Container) -> str:
    """Return all that the outbox keeps, as text to search."""
    with container.engine().connect() as db:
        return "\n".join(map(str, db.execute(select(outbox)).all()))


def letters(container: Container) -> list[Letter]:
    """Return what is mailed in doing all that is owed, and all that follows from it."""
    mailer: Any = container.mailer()
    mailer.letters.clear()
    follow_up(container, REACTIONS)
    return list(mailer.letters)


def follow_up(container: Container, asked: Mapping[str, Sequence[str]]) -> None:
    """Do what is owed by these events, and all that follows from it."""
    kept, now = container.outbox(), container.clock()
    while kept.expand(asked, at=now(), limit=MANY):
        for reaction_id in kept.due(at=now(), limit=MANY):
            container.run_reaction()(reaction_id=reaction_id)


def token_of(letter: Letter) -> str:
    return str(letter.facts["link"]).partition("?token=")[2]
