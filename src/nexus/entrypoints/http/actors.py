"""In whose name things are done: the caller's during a request, nobody's outside of one."""

from flask import g, has_request_context, request

from nexus.application.ports.audit import Actor
from nexus.entrypoints.http.access import caller_or_none


def acting() -> Actor:
    if not has_request_context():
        return Actor()
    caller = caller_or_none()
    return Actor(
        kind=caller.role if caller else "guest",
        id=caller.user_id if caller else None,
        request_id=g.get("request_id", ""),
        ip=request.remote_addr,
    )
