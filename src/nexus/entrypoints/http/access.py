"""Who may call what. Nobody may, until a route says so."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, current_app, g, request

from nexus.domain.shared import Forbidden, Unauthenticated
from nexus.entrypoints.http.paths import API

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
    in_person: bool = False


ANYONE = Access(Door.ANYONE)
VISITOR = Access(Door.VISITOR)
CUSTOMER = Access(Door.CUSTOMER)
# Somebody with a session: what decides over an account no API token may touch.
IN_PERSON = Access(Door.CUSTOMER, in_person=True)
# No permission that could be given to staff has this name.
ADMIN = Access(Door.STAFF, "admin")


def staff(permission: str) -> Access:
    return Access(Door.STAFF, permission)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody signed in, as the database has them at this moment.

    A program that calls with an API token has no session.
    """

    user_id: UUID
    session_id: UUID | None
    role: str
    permissions: frozenset[str]
    is_verified: bool
    email: str
    locale: str
    lacks_factor: bool = False

    def may(self, permission: str) -> bool:
        return self.role == "admin" or (self.role == "staff" and permission in self.permissions)


class NotSignedIn(Unauthenticated):
    code = "unauthenticated"


@dataclass(eq=False)
class NotAllowed(Forbidden):
    permission: str

    code = "forbidden"


class NotForTokens(Forbidden):
    """What only a person may do, who is signed in."""

    code = "forbidden"
    detail = "An API token cannot do this: sign in."


class SecondFactorSetupRequired(Forbidden):
    """Staff who have to set up a second factor before anything else."""


def open_to(access: Access) -> Callable[[View], View]:
    """Declare who may call a view. It stands nearest to the function, under the route."""

    def declare(view: View) -> View:
        vars(view)["access"] = access
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


def current_session() -> UUID:
    """Return the session that calls; only for routes that are open in person."""
    if session_id := current_caller().session_id:
        return session_id
    raise NotForTokens


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
    if caller is not None and caller.lacks_factor and not _is_of_accounts(str(request.url_rule)):
        raise SecondFactorSetupRequired
    if access.door is Door.VISITOR:
        return
    if caller is None:
        raise NotSignedIn
    if access.in_person and caller.session_id is None:
        raise NotForTokens
    if access.permission and not caller.may(access.permission):
        raise NotAllowed(access.permission)


def _is_of_accounts(rule: str) -> bool:
    return rule == f"{API}/users/me" or rule.startswith(f"{API}/auth/")
