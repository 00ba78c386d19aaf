"""Paths as they arrive: one form for `/x` and `/x/`, and the earlier systems' paths."""

import re
from collections.abc import Callable, Iterable
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
API = "/api/v1"

# (method or any, earlier path, canonical path under /api/v1, its method where it differs).
# Longer ones stand first; `(.*)` takes the rest of the path along.
SEED_PATHS: list[tuple[str | None, str, str, str | None]] = [
    (None, "/api/register", "/auth/register", None),
    (None, "/api/auth/registration", "/auth/register", None),
    (None, "/api/auth/jwt/create", "/auth/login", None),
    (None, "/api/auth/jwt/refresh", "/auth/token/refresh", None),
    (None, "/api/auth/jwt/verify", "/auth/token/verify", None),
    (None, "/api/auth/user", "/users/me", None),
    (None, "/api/store/users/me", "/users/me", None),
    ("GET", "/api/store/carts", "/cart", None),
    ("POST", "/api/store/carts/add_item", "/cart/items", None),
    ("POST", "/api/store/carts/clear", "/cart/items", "DELETE"),
    ("GET", "/api/store/cart-items", "/cart", None),
    ("PUT", "/api/store/cart-items(.+)", r"/cart/items\1", "PATCH"),
    ("PUT", "/api/cart/items(.+)", r"/cart/items\1", "PATCH"),
    (None, "/api/store/cart-items(.*)", r"/cart/items\1", None),
    (None, "/api/store/wishlists(.*)", r"/wishlist\1", None),
    (None, "/api/store/(categories|products|orders|payments)(.*)", r"/\1\2", None),
    (
        None,
        "/api/(auth|categories|products|addresses|coupons|reviews|cart|orders|payments)(.*)",
        r"/\1\2",
        None,
    ),
]
# Other names of canonical paths, which are no earlier system's.
OTHER_NAMES = {f"{API}/wishlists": f"{API}/wishlist"}
DOCUMENTATION = {
    "/swagger": "/api/docs",
    "/redoc": "/api/redoc",
    "/api/schema": "/api/openapi.json",
}
_TABLE = [(m, re.compile(old), new, to) for m, old, new, to in SEED_PATHS]


def canonical(method: str, path: str, *, aliases: bool) -> tuple[str, str]:
    """Return the method and path that answer this one."""
    path = path.rstrip("/") or "/"
    for other, name in OTHER_NAMES.items():
        if path == other or path.startswith(f"{other}/"):
            return method, name + path.removeprefix(other)
    if path.startswith(API) or not aliases:
        return method, path
    if path in DOCUMENTATION:
        return method, DOCUMENTATION[path]
    for only, old, new, to in _TABLE:
        if (only in (None, method) or (method == "HEAD" and only == "GET")) and (
            found := old.fullmatch(path)
        ):
            return to or method, API + found.expand(new)
    return method, path


def canonical_paths(wsgi: Wsgi, *, aliases: bool) -> Wsgi:
    """Wrap the application so that it only ever sees canonical paths."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["REQUEST_METHOD"], environ["PATH_INFO"] = canonical(
            environ["REQUEST_METHOD"], environ["PATH_INFO"], aliases=aliases
        )
        return wsgi(environ, start_response)

    return application
