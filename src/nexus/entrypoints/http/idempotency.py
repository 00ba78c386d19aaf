"""`Idempotency-Key`: the first answer is stored, and given again to whoever repeats the request.

A process may die between its work and its answer. So the last work that a view does concludes with
what it leaves, and the view asks `done_before` for that, and only tells of it when there is any.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

from flask import Response, current_app, request
from werkzeug.exceptions import BadRequest

from nexus.application.ports.system import Answers, Attempt, Clock, Slot, StoredAnswer
from nexus.domain.shared import NexusError, Stale, Unavailable
from nexus.entrypoints.http.access import caller_or_none
from nexus.entrypoints.http.guests import cart_token
from nexus.entrypoints.http.problems import refuse

log = logging.getLogger("nexus.http")

P = ParamSpec("P")
LONGEST = 255
KEPT_HEADERS = ("Content-Type", "Location")
REPLAYED = {"Idempotent-Replayed": "true"}

_IN_HAND: ContextVar[Attempt | None] = ContextVar("in_hand", default=None)


def attempt_in_hand() -> Attempt | None:
    """Return the attempt that this request is, if it has a key."""
    return _IN_HAND.get()


def done_before() -> UUID | None:
    """Return what an earlier request under this key has done, of which no answer was kept."""
    attempt = attempt_in_hand()
    return attempt.outcome if attempt else None


def idempotent(answers: Answers, now: Clock) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Answer a repeated request from memory. It stands above the view's other decorators."""

    def decorate(view: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(view)
        def once(*args: P.args, **kwargs: P.kwargs) -> Any:
            slot = _slot()
            if slot is None:
                return view(*args, **kwargs)
            body_hash = hashlib.sha256(request.get_data()).hexdigest()
            begun = answers.begin(slot, body_hash=body_hash, at=now())
            if isinstance(begun, StoredAnswer):
                return Response(begun.body, begun.status, dict(begun.headers) | REPLAYED)
            with _held(begun):
                return _remembered(answers, begun, lambda: view(*args, **kwargs))

        vars(once)["idempotent"] = True
        return once

    return decorate


def _slot() -> Slot | None:
    """Return (caller, route, key), or None without a key or anybody to keep it for."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        raise BadRequest(f"Idempotency-Key must have 1 to {LONGEST} printable characters.")
    caller = caller_or_none()
    token = cart_token()
    if caller is None and token is None:
        return None
    owner = str(caller.user_id) if caller else hashlib.sha256(str(token).encode()).hexdigest()
    # No route of ours is as long, and a database index takes no text of any length.
    return owner, f"{request.method} {request.path}"[:LONGEST], key


@contextmanager
def _held(attempt: Attempt) -> Iterator[None]:
    token = _IN_HAND.set(attempt)
    try:
        yield
    finally:
        _IN_HAND.reset(token)


def _remembered(answers: Answers, attempt: Attempt, run: Callable[[], Any]) -> Response:
    """Keep what the view answers, refusals too; what failed on our side may be tried again.

    So may what somebody else was quicker in, which says nothing of the next time.
    """
    try:
        response = current_app.make_response(run())
    except Stale:
        answers.abandon(attempt)
        raise
    except NexusError as error:
        response = refuse(error)
    except BaseException:
        answers.abandon(attempt)
        raise
    if response.status_code >= 500:
        answers.abandon(attempt)
        return response
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    answer = StoredAnswer(response.status_code, headers, response.get_data())
    try:
        answers.finish(attempt, answer)
    except Unavailable:
        # What was asked for has been done, so the answer is true whether it is kept or not.
        log.warning("answer not kept", extra={"route": attempt.slot[1]})
    if attempt.outcome:
        response.headers.extend(REPLAYED)
    return response
