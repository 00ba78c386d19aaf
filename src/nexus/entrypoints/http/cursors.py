"""Where a walk through a list has come to, written down for the caller to bring back.

A cursor is opaque and sealed: what comes back is what was given away, for the same list in the
same order, so that its keys need no further check.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from hmac import compare_digest
from typing import Any
from uuid import UUID

import orjson
from flask import current_app, request

from nexus.application.ports.pages import Keys
from nexus.domain.shared import invalid

_SEAL = 9
# What decides about the order of a list, and so about the kinds of its keys.
_ORDERED_BY = ("ordering", "search")
_READ: Mapping[str, Callable[[str], Any]] = {
    "u": UUID,
    "t": datetime.fromisoformat,
    "d": Decimal,
}


def written(keys: Keys) -> str:
    content = orjson.dumps([_written(key) for key in keys])
    return urlsafe_b64encode(_sealed(content) + content).rstrip(b"=").decode()


def read(cursor: str) -> Keys:
    """Return the keys; none of them at the start of a walk. Refuse what was not given for this."""
    if not cursor:
        return ()
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    seal, content = raw[:_SEAL], raw[_SEAL:]
    if not compare_digest(seal, _sealed(content)):
        raise invalid("cursor", "Not a cursor of this list in this order.")
    return tuple(map(_read, orjson.loads(content)))


def _sealed(content: bytes) -> bytes:
    """Return a digest that nobody else can make, and that no other list or order has."""
    asked = [request.endpoint, *(request.args.get(name, "") for name in _ORDERED_BY)]
    secret = blake2b(current_app.config["SECRET_KEY"].encode()).digest()
    return blake2b(orjson.dumps(asked) + content, key=secret, digest_size=_SEAL).digest()


def _written(key: Any) -> Any:
    match key:
        case UUID():
            return {"u": key.hex}
        case datetime():
            return {"t": key.isoformat()}
        case Decimal():
            return {"d": str(key)}
    return key


def _read(key: Any) -> Any:
    if isinstance(key, dict):
        ((kind, text),) = key.items()
        return _READ[kind](text)
    return key
