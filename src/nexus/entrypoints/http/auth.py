"""JSON Web Tokens: made of sessions, and read back. Nothing outside this module knows of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, request
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import PyJWTError

from nexus.application.ports.identity import Account, IdentityQueries, SignedIn
from nexus.application.ports.system import Clock
from nexus.application.sessions import NoteUse, OpenSession
from nexus.domain.api_tokens import PREFIX, held_by, narrowed
from nexus.domain.one_time_tokens import digest
from nexus.domain.sessions import TokenInvalid
from nexus.entrypoints.http.access import Caller
from nexus.entrypoints.http.problems import refuse
from nexus.settings import Settings

ISSUER = "nexus"
AUDIENCE = "nexus-api"
# Hosts whose clocks differ by less than this understand each other.
LEEWAY_SECONDS = 30
KINDS = ("access", "refresh")
_UNREADABLE = (
    PyJWTError,
    JWTExtendedException,
    LookupError,
    TypeError,
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
        # There are no cookies, and a random claim would make every repeated token another.
        JWT_COOKIE_CSRF_PROTECT=False,
    )
    jwt = JWTManager(app)
    use_keys(jwt, settings.jwt_secret_key, *settings.jwt_previous_keys)
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


def use_keys(jwt: JWTManager, current: str, *previous: str) -> None:
    """Sign with the current key, and read what was signed with those before it as well."""
    keys = {key_id(key): key for key in (*previous, current)}

    @jwt.additional_headers_loader
    def name_key(identity: object) -> dict[str, str]:
        return {"kid": key_id(current)}

    @jwt.encode_key_loader
    def signing_key(identity: object) -> str:
        return current

    @jwt.decode_key_loader
    def reading_key(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        return keys[header["kid"]]


def key_id(key: str) -> str:
    """Return the public name of a key."""
    return sha256(f"nexus-jwt:{key}".encode()).hexdigest()[:12]


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
        if claims["type"] not in KINDS:
            raise TokenInvalid
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
    """Return tokens for the session: one to call with, and one to get the next pair with.

    The latter says nothing but what is kept of the session, so that it is the same every time.
    """
    subject, session = str(opened.user_id), {"sid": str(opened.session_id)}
    since, until = (int(it.timestamp()) for it in (opened.rotated_at, opened.expires_at))
    refresh = {"jti": str(opened.refresh_id), "iat": since, "nbf": since, "exp": until}
    lifetime: timedelta = current_app.config["JWT_ACCESS_TOKEN_EXPIRES"]
    return TokenPair(
        access=create_access_token(subject, additional_claims=session),
        refresh=create_refresh_token(subject, additional_claims=session | refresh),
        expires_in=int(lifetime.total_seconds()),
        user=user,
    )


def still_good(claims: Claims, queries: IdentityQueries, now: Clock) -> SignedIn:
    """Return who holds the token's session; raise TokenInvalid if it ended or moved on."""
    found = queries.caller(claims.session_id, at=now())
    if found is None or claims.refresh_id not in (None, found.refresh_id):
        raise TokenInvalid
    return found


def identify(
    queries: IdentityQueries, note_use: NoteUse, now: Clock, factor_required_for: str
) -> Callable[[], Caller | None]:
    """Return what tells who sends the request: None without a token, TokenInvalid for a bad one."""

    def caller() -> Caller | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = holder(token.strip())
        note_use(seen=found)
        return caller_of(found, factor_required_for)

    def holder(token: str) -> SignedIn:
        if token.startswith(PREFIX):
            if found := queries.token_holder(digest(token), at=now()):
                return found
            raise TokenInvalid
        claims = read_token(token)
        if claims.kind != "access":
            raise TokenInvalid
        return still_good(claims, queries, now)

    return caller


def caller_of(found: SignedIn, factor_required_for: str) -> Caller:
    """Return what the holder may do at this moment; with an API token, no more than it says."""
    role, permissions = found.role, found.permissions
    must_have_factor = factor_required_for == "staff" and role != "customer"
    if found.scope is not None:
        permissions = held_by(role, permissions) & found.scope
        role = narrowed(role)
    return Caller(
        user_id=found.user_id,
        session_id=found.session_id,
        role=role,
        permissions=permissions,
        is_verified=found.is_verified,
        email=found.email,
        locale=found.locale,
        lacks_factor=must_have_factor and not found.has_factor,
    )
