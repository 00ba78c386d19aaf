"""Who may call what. Nobody may, until a route says so."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, current_app, g, request

from nexus.domain.shared import Forbidden, Unauthenticated

View = TypeVar("View", bound=Callable[..., Any])


class Door(StrEnum):
    """Who stands at the door: credentials are not looked at, looked at if sent, or needed."""

    ANYONE = "anyone"
    VISITOR = "visitor"
    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Access:
    door: Door
    permission: str | None = None


ANYONE = Access(Door.ANYONE)
VISITOR = Access(Door.VISITOR)
CUSTOMER = Access(Door.CUSTOMER)


def staff(permission: str) -> Access:
    return Access(Door.STAFF, permission)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody signed in, as the database has them at this moment."""

    user_id: UUID
    session_id: UUID
    role: str
    permissions: frozenset[str]
    is_verified: bool
    email: str
    locale: str

    def may(self, permission: str) -> bool:
        return self.role == "admin" or (self.role == "staff" and permission in self.permissions)


class NotSignedIn(Unauthenticated):
    @property
    def code(self) -> str:
        return "unauthenticated"


@dataclass(eq=False)
class NotAllowed(Forbidden):
    permission: str

    @property
    def code(self) -> str:
        return "forbidden"


def open_to(access: Access) -> Callable[[View], View]:
    """Declare who may call a view. It stands nearest to the function, under the route."""

    def declare(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return declare


def caller_or_none() -> Caller | None:
    """Return who calls, or None for a guest."""
    caller: Caller | None = g.get("caller")
    return caller


def current_caller() -> Caller:
    """Return who calls; only for routes open to customers or staff."""
    if caller := caller_or_none():
        return caller
    raise NotSignedIn


def access_of(app: Flask, endpoint: str) -> Access | None:
    return getattr(app.view_functions[endpoint], "access", None)


def require_declarations(app: Flask) -> None:
    """Refuse to start with a route that does not say who may call it."""
    silent = sorted(name for name in app.view_functions if access_of(app, name) is None)
    if silent:
        raise RuntimeError(f"these routes do not say who may call them: {', '.join(silent)}")


def guard(app: Flask, identify: Callable[[], Caller | None]) -> None:
    """Let nobody past a route's door before anything else of the request is looked at."""

    @app.before_request
    def admit() -> None:
        if request.endpoint is None or request.method == "OPTIONS":
            return
        access = access_of(current_app, request.endpoint)
        if access is None:
            raise RuntimeError(f"{request.endpoint} does not say who may call it")
        if access.door is Door.ANYONE:
            return
        g.caller = identify()
        _check(access, g.caller)


def _check(access: Access, caller: Caller | None) -> None:
    if access.door is Door.VISITOR:
        return
    if caller is None:
        raise NotSignedIn
    if access.permission and not caller.may(access.permission):
        raise NotAllowed(access.permission)
