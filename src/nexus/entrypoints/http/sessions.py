from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from nexus.application.ports.credentials import CredentialQueries, SessionEntry
from nexus.application.ports.identity import IdentityQueries
from nexus.application.ports.system import Clock
from nexus.application.sessions import EndSession, LogIn, LogOut, LogOutEverywhere, RefreshSession
from nexus.entrypoints.http.access import (
    ANYONE,
    IN_PERSON,
    current_caller,
    current_session,
    open_to,
)
from nexus.entrypoints.http.auth import TokenPair, read_refresh, read_token, still_good, token_pair
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.devices import current_origin
from nexus.entrypoints.http.guests import cart_token
from nexus.entrypoints.http.identity import account_name, secret
from nexus.entrypoints.http.schemas import Moment
from nexus.entrypoints.http.users import AccountShown

NAMES = ("email", "username", "identifier")
# The demo customer, whom the documentation offers to sign in.
DEMO = ("abebe@nexus.test", "nexus-customer-local")


class LoginBody(Schema):
    """The password, and one of `email`, `username` and `identifier` (which is either).

    An account with a second factor needs `code` too: its app's, or one of its recovery codes.
    """

    email = fields.String()
    username = fields.String()
    identifier = fields.String()
    password = secret(required=True)
    code = secret()

    @validates_schema
    def check_name(self, body: dict[str, Any], **_: Any) -> None:
        if sum(name in body for name in NAMES) != 1:
            raise ValidationError("Send one of email, username and identifier.", "identifier")

    @post_load
    def gather(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        (identifier,) = (body[name] for name in NAMES if name in body)
        return {
            "identifier": account_name(identifier),
            "password": body["password"],
            "code": body.get("code"),
        }


class RefreshBody(Schema):
    # Whatever is wrong with a token, its length included, is one and the same answer.
    refresh = fields.String(required=True, load_only=True)


class TokenBody(Schema):
    token = fields.String(required=True, load_only=True)


class Refreshed(Schema):
    access = fields.String(required=True)
    refresh = fields.String(required=True)
    token_type = fields.Constant("Bearer", required=True, metadata={"type": "string"})
    expires_in = fields.Integer(required=True, metadata={"example": 1800})


class LoggedIn(Refreshed):
    user = fields.Nested(AccountShown, required=True)


class TokenShown(Schema):
    valid = fields.Boolean(required=True, metadata={"example": True})
    expires_at = Moment(required=True)


class SessionShown(Schema):
    id = fields.UUID(required=True)
    created_at = Moment(required=True)
    last_used_at = Moment(required=True)
    device = fields.String(required=True, metadata={"example": "Firefox on Android"})
    ip = fields.String(required=True, attribute="network", metadata={"example": "203.0.113.0/24"})
    is_current = fields.Function(
        lambda session: session.id == current_session(),
        required=True,
        metadata={"type": "boolean"},
    )


def sessions_blueprint(
    *,
    log_in: LogIn,
    refresh_session: RefreshSession,
    log_out: LogOut,
    log_out_everywhere: LogOutEverywhere,
    end_session: EndSession,
    queries: IdentityQueries,
    credentials: CredentialQueries,
    now: Clock,
) -> Routes:
    blueprint = Routes("sessions", __name__, description="Signing in, and out again.")

    @blueprint.post("/auth/login")
    @blueprint.arguments(LoginBody, example={"email": DEMO[0], "password": DEMO[1]})
    @blueprint.response(200, LoggedIn)
    @open_to(ANYONE)
    def sign_in(body: dict[str, Any]) -> TokenPair:
        """Sign in; a guest's cart that is sent along comes too."""
        opened = log_in(**body, origin=current_origin(), cart_token=cart_token())
        return token_pair(opened, queries.account(opened.user_id))

    @blueprint.post("/auth/token/refresh")
    @blueprint.arguments(RefreshBody)
    @blueprint.response(200, Refreshed)
    @open_to(ANYONE)
    def refresh(body: dict[str, str]) -> TokenPair:
        """Exchange a refresh token for a new pair.

        Each is good for one exchange. Repeated within ten seconds, such as after an answer that
        was lost, it gives the same refresh token again; later, it ends the whole session.
        """
        session_id, refresh_id = read_refresh(body["refresh"])
        return token_pair(refresh_session(session_id=session_id, refresh_id=refresh_id))

    @blueprint.post("/auth/token/verify")
    @blueprint.arguments(TokenBody)
    @blueprint.response(200, TokenShown)
    @open_to(ANYONE)
    def verify_token(body: dict[str, str]) -> dict[str, Any]:
        """Say whether a token, of either kind, is good at this moment."""
        claims = read_token(body["token"])
        still_good(claims, queries, now)
        return {"valid": True, "expires_at": claims.expires_at}

    @blueprint.post("/auth/logout")
    @blueprint.arguments(RefreshBody)
    @blueprint.response(204)
    @open_to(ANYONE)
    def sign_out(body: dict[str, str]) -> None:
        """End the session of a refresh token; its access tokens end with it."""
        session_id, _ = read_refresh(body["refresh"])
        log_out(session_id=session_id)

    @blueprint.post("/auth/logout-all")
    @blueprint.response(204)
    @open_to(IN_PERSON)
    def sign_out_everywhere() -> None:
        """End every session of the caller, this one included."""
        log_out_everywhere(user_id=current_caller().user_id)

    @blueprint.get("/auth/sessions")
    @blueprint.response(200, SessionShown(many=True))
    @open_to(IN_PERSON)
    def list_sessions() -> list[SessionEntry]:
        """List where the caller is signed in, the last used first."""
        return credentials.sessions_of(current_caller().user_id, at=now())

    @blueprint.delete("/auth/sessions/<uuid:session_id>")
    @blueprint.response(204)
    @open_to(IN_PERSON)
    def end(session_id: UUID) -> None:
        """End one of the caller's sessions, with all its tokens."""
        end_session(session_id=session_id, owner=current_caller().user_id)

    return blueprint
