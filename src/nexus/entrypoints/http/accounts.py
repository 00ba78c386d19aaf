from typing import Any

from flask import request
from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from nexus.application.accounts import Register, RequestVerification, VerifyEmail
from nexus.application.ports.identity import IdentityQueries
from nexus.application.ports.system import Clock
from nexus.application.sessions import LogIn, LogOut, LogOutEverywhere, RefreshSession
from nexus.domain.users import Profile
from nexus.entrypoints.http.access import ANYONE, CUSTOMER, current_caller, open_to
from nexus.entrypoints.http.auth import TokenPair, read_refresh, read_token, still_good, token_pair
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.identity import Email, Line, Phone, Username, secret
from nexus.entrypoints.http.schemas import Message, Moment
from nexus.entrypoints.http.users import AccountShown

NAMES = ("email", "username", "identifier")
# Tokens are nothing that a cache on the way should keep.
NOT_KEPT = {"Cache-Control": "no-store"}
# What the documentation suggests is known to everybody, and so is no secret.
NEWCOMER = {
    "email": "hana@example.com",
    "password": "three-cups-of-buna",  # nosec B105
    "username": "hana",
    "first_name": "Hana",
    "last_name": "Girma",
    "phone": "0911234567",
}
DEMO_CUSTOMER = {
    "email": "abebe@nexus.test",
    "password": "nexus-customer-local",  # nosec B105
}


class RegisterBody(Schema):
    email = Email(required=True)
    password = secret(required=True)
    username = Username(allow_none=True)
    first_name = Line(most=150)
    last_name = Line(most=150)
    phone = Phone(allow_none=True)

    @post_load
    def gather(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        email, password = body.pop("email"), body.pop("password")
        return {"email": email, "password": password, "profile": Profile(**body)}


class LoginBody(Schema):
    """The password, and one of `email`, `username` and `identifier` (which is either)."""

    email = fields.String()
    username = fields.String()
    identifier = fields.String()
    password = secret(required=True)

    @validates_schema
    def check_name(self, body: dict[str, Any], **_: Any) -> None:
        if sum(name in body for name in NAMES) != 1:
            raise ValidationError("Send one of email, username and identifier.", "identifier")

    @post_load
    def gather(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        (identifier,) = (body[name] for name in NAMES if name in body)
        return {"identifier": identifier, "password": body["password"]}


class RefreshBody(Schema):
    refresh = secret(required=True)


class TokenBody(Schema):
    token = secret(required=True)


class EmailBody(Schema):
    email = Email(required=True, metadata={"example": "abebe@nexus.test"})


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


def accounts_blueprint(
    *,
    register: Register,
    request_verification: RequestVerification,
    verify_email: VerifyEmail,
    log_in: LogIn,
    refresh_session: RefreshSession,
    log_out: LogOut,
    log_out_everywhere: LogOutEverywhere,
    queries: IdentityQueries,
    now: Clock,
) -> Routes:
    blueprint = Routes("auth", __name__, description="Opening an account, and signing in.")

    @blueprint.post("/auth/register")
    @blueprint.arguments(RegisterBody, example=NEWCOMER)
    @blueprint.response(201, Message)
    @open_to(ANYONE)
    def open_account(body: dict[str, Any]) -> dict[str, str]:
        """Open an account.

        The answer is the same for an address that has one, whose owner is told by mail.
        """
        register(**body)
        return {"message": "Look into your mail to verify your address."}

    @blueprint.post("/auth/login")
    @blueprint.arguments(LoginBody, example=DEMO_CUSTOMER)
    @blueprint.response(200, LoggedIn)
    @open_to(ANYONE)
    def sign_in(body: dict[str, Any]) -> tuple[TokenPair, dict[str, str]]:
        """Sign in; a guest's cart that is sent along comes too."""
        opened = log_in(**body, cart_token=_cart_token())
        return token_pair(opened, queries.account(opened.user_id)), NOT_KEPT

    @blueprint.post("/auth/token/refresh")
    @blueprint.arguments(RefreshBody)
    @blueprint.response(200, Refreshed)
    @open_to(ANYONE)
    def refresh(body: dict[str, str]) -> tuple[TokenPair, dict[str, str]]:
        """Exchange a refresh token for a new pair.

        Each is good for one exchange. One that comes a second time ends the whole session, even
        if both came at once: take care to refresh in one place of a client at a time.
        """
        session_id, refresh_id = read_refresh(body["refresh"])
        return token_pair(refresh_session(session_id=session_id, refresh_id=refresh_id)), NOT_KEPT

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
    @open_to(CUSTOMER)
    def sign_out_everywhere() -> None:
        """End every session of the caller, this one included."""
        log_out_everywhere(user_id=current_caller().user_id)

    @blueprint.post("/auth/verify-email")
    @blueprint.arguments(TokenBody)
    @blueprint.response(200, Message)
    @open_to(ANYONE)
    def verify(body: dict[str, str]) -> dict[str, str]:
        """Prove an address by the token that was mailed to it."""
        verify_email(**body)
        return {"message": "Your address is verified."}

    @blueprint.post("/auth/verify-email/resend")
    @blueprint.arguments(EmailBody)
    @blueprint.response(202, Message)
    @open_to(ANYONE)
    def ask_again(body: dict[str, str]) -> dict[str, str]:
        """Have the verification mailed again, at most once a minute."""
        request_verification(**body)
        return {"message": "If the address has an account to verify, a mail is on its way."}

    return blueprint


def _cart_token() -> str | None:
    return request.headers.get("X-Cart-Token") or request.cookies.get("nexus_cart")
