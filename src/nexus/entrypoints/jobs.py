"""What RQ calls. A job carries an id and nothing else; what it means is in the outbox."""

import os
from functools import cache
from uuid import UUID

from nexus.application.outbox import RunReaction
from nexus.bootstrap import Container, read_container


@cache
def container() -> Container:
    """Return this process's container, made once however many jobs it runs."""
    return read_container(os.environ)


@cache
def run_reaction() -> RunReaction:
    return container().run_reaction()


def react(reaction_id: str) -> None:
    run_reaction()(reaction_id=UUID(reaction_id))
