"""In whose name things are done: the caller's during a request, nobody's outside of one.

What somebody asked for is done in their name, though it is done later.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flask import g, has_request_context, request

from nexus.application.ports.audit import Actor
from nexus.entrypoints.http.access import caller_or_none

_BEHIND: ContextVar[Actor | None] = ContextVar("behind", default=None)


@contextmanager
def in_name_of(actor: Actor) -> Iterator[None]:
    token = _BEHIND.set(actor)
    try:
        yield
    finally:
        _BEHIND.reset(token)


def acting() -> Actor:
    if not has_request_context():
        return _BEHIND.get() or Actor()
    caller = caller_or_none()
    return Actor(
        kind=caller.role if caller else "guest",
        id=caller.user_id if caller else None,
        request_id=g.get("request_id", ""),
        ip=request.remote_addr,
    )
