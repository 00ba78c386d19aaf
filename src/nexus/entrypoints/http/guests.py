"""Whoever shops without an account: known by a token they hold, and nothing else."""

import re
import secrets

from flask import Response, current_app, request

from nexus.application.carts import guest
from nexus.application.ports.shopping import CartOwner
from nexus.entrypoints.http.access import caller_or_none

HEADER = "X-Cart-Token"
COOKIE = "nexus_cart"
THIRTY_DAYS = 30 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,128}")


def cart_token() -> str | None:
    """Return the token of a guest's cart, as header or cookie; anything unlike one is none."""
    token = request.headers.get(HEADER) or request.cookies.get(COOKIE) or ""
    return token if _TOKEN.fullmatch(token) else None


def new_cart_token() -> str:
    return secrets.token_urlsafe(32)


def cart_owner(token: str | None = None) -> CartOwner | None:
    """Return whose cart this call is about: the account's before the guest's."""
    if caller := caller_or_none():
        return CartOwner(customer_id=caller.user_id)
    token = token or cart_token()
    return guest(token) if token else None


def keep_token(response: Response, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=THIRTY_DAYS,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SECURE_COOKIES"],
    )


def order_token() -> str | None:
    return request.headers.get("X-Order-Token") or request.args.get("token")
