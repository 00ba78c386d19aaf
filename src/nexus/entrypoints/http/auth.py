"""JSON Web Tokens: made of sessions, and read back. Nothing outside this module knows of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Flask, Response, current_app, request
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import PyJWTError

from nexus.application.ports.identity import Account, IdentityQueries, SignedIn
from nexus.application.ports.system import Clock
from nexus.application.sessions import OpenSession
from nexus.domain.sessions import TokenInvalid
from nexus.entrypoints.http.access import Caller
from nexus.entrypoints.http.problems import refuse
from nexus.settings import Settings

ISSUER = "nexus"
AUDIENCE = "nexus-api"
# Hosts whose clocks differ by less than this understand each other.
LEEWAY_SECONDS = 30
_UNREADABLE = (
    PyJWTError,
    JWTExtendedException,
    LookupError,
    ValueError,
    OverflowError,
    RecursionError,
)


def install_tokens(settings: Settings, app: Flask) -> None:
    """Set the library up, so that none of its errors leaves in a form of its own."""
    app.config.update(
        JWT_SECRET_KEY=settings.jwt_secret_key,
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(minutes=settings.jwt_access_minutes),
        JWT_REFRESH_TOKEN_EXPIRES=timedelta(days=settings.jwt_refresh_days),
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_ISSUER=ISSUER,
        JWT_ENCODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_LEEWAY=LEEWAY_SECONDS,
        JWT_TOKEN_LOCATION=["headers"],
    )
    jwt = JWTManager(app)
    for loader in (
        jwt.expired_token_loader,
        jwt.invalid_token_loader,
        jwt.needs_fresh_token_loader,
        jwt.revoked_token_loader,
        jwt.token_verification_failed_loader,
        jwt.unauthorized_loader,
        jwt.user_lookup_error_loader,
    ):
        loader(_refuse_token)


def _refuse_token(*_: object) -> Response:
    return refuse(TokenInvalid())


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of ours says, its signature and its age having been checked."""

    kind: str
    session_id: UUID
    refresh_id: UUID | None
    expires_at: datetime


def read_token(token: str) -> Claims:
    """Return what the token says; raise TokenInvalid, whatever is wrong with it."""
    try:
        claims = decode_token(token)
        refresh_id = UUID(str(claims["jti"])) if claims["type"] == "refresh" else None
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        return Claims(claims["type"], UUID(str(claims["sid"])), refresh_id, expires_at)
    except _UNREADABLE as error:
        raise TokenInvalid from error


def read_refresh(token: str) -> tuple[UUID, UUID]:
    """Return the session and the refresh id of a refresh token; raise TokenInvalid."""
    claims = read_token(token)
    if claims.refresh_id is None:
        raise TokenInvalid
    return claims.session_id, claims.refresh_id


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str
    expires_in: int
    user: Account | None = None


def token_pair(opened: OpenSession, user: Account | None = None) -> TokenPair:
    """Return tokens for the session: one to call with, and one to get the next pair with."""
    subject, session = str(opened.user_id), {"sid": str(opened.session_id)}
    refresh = session | {"jti": str(opened.refresh_id)}
    lifetime: timedelta = current_app.config["JWT_ACCESS_TOKEN_EXPIRES"]
    return TokenPair(
        access=create_access_token(subject, additional_claims=session),
        refresh=create_refresh_token(subject, additional_claims=refresh),
        expires_in=int(lifetime.total_seconds()),
        user=user,
    )


def still_good(claims: Claims, queries: IdentityQueries, now: Clock) -> SignedIn:
    """Return who holds the token's session; raise TokenInvalid if it ended or moved on."""
    found = queries.caller(claims.session_id, at=now())
    if found is None or claims.refresh_id not in (None, found.refresh_id):
        raise TokenInvalid
    return found


def identify(queries: IdentityQueries, now: Clock) -> Callable[[], Caller | None]:
    """Return what tells who sends the request: None without a token, TokenInvalid for a bad one."""

    def caller() -> Caller | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        claims = read_token(token.strip())
        if claims.kind != "access":
            raise TokenInvalid
        found = still_good(claims, queries, now)
        return Caller(
            user_id=found.user_id,
            session_id=found.session_id,
            role=found.role,
            permissions=found.permissions,
            is_verified=found.is_verified,
            email=found.email,
            locale=found.locale,
        )

    return caller
