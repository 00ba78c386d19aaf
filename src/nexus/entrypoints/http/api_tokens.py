from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, post_load, validate

from nexus.application.api_tokens import CreateApiToken, NewApiToken, RevokeApiToken
from nexus.application.ports.credentials import ApiTokenEntry, CredentialQueries
from nexus.domain.users import PERMISSIONS
from nexus.entrypoints.http.access import IN_PERSON, current_caller, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.identity import Line
from nexus.entrypoints.http.schemas import Moment


class ApiTokenBody(Schema):
    """What the token may do beside what every customer may; without an end, until revoked."""

    name = Line(required=True, least=1, most=100, metadata={"example": "Stock import"})
    permissions = fields.List(
        fields.String(validate=validate.OneOf(sorted(PERMISSIONS))),
        metadata={"example": ["catalog.write"]},
    )
    expires_at = Moment(allow_none=True, metadata={"example": None})

    @post_load
    def gather(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        return body | {"permissions": frozenset(body.get("permissions", ()))}


class ApiTokenShown(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    prefix = fields.String(required=True, metadata={"example": "nxs_Ab12Cd"})
    permissions = fields.List(fields.String(), required=True)
    created_at = Moment(required=True)
    expires_at = Moment(required=True, allow_none=True)
    last_used_at = Moment(required=True, allow_none=True)


class ApiTokenCreated(ApiTokenShown):
    """The token itself is shown this once."""

    token = fields.String(required=True, metadata={"example": "nxs_Ab12Cd…"})


def api_tokens_blueprint(
    *,
    create_api_token: CreateApiToken,
    revoke_api_token: RevokeApiToken,
    queries: CredentialQueries,
) -> Routes:
    blueprint = Routes("api-tokens", __name__, description="Tokens for programs of one's own.")

    @blueprint.get("/auth/tokens")
    @blueprint.response(200, ApiTokenShown(many=True))
    @open_to(IN_PERSON)
    def show() -> list[ApiTokenEntry]:
        """List the caller's API tokens, newest first."""
        return queries.api_tokens_of(current_caller().user_id)

    @blueprint.post("/auth/tokens")
    @blueprint.arguments(ApiTokenBody)
    @blueprint.response(201, ApiTokenCreated)
    @open_to(IN_PERSON)
    def create(body: dict[str, Any]) -> NewApiToken:
        """Make a token to call with: `Authorization: Bearer nxs_…`.

        It acts for the caller, may do at most what its permissions say and the caller still may,
        and never decides over the account itself: tokens, passwords, sessions and factors.
        """
        return create_api_token(owner=current_caller().user_id, **body)

    @blueprint.delete("/auth/tokens/<uuid:token_id>")
    @blueprint.response(204)
    @open_to(IN_PERSON)
    def revoke(token_id: UUID) -> None:
        """Make a token good for nothing, at once."""
        revoke_api_token(token_id=token_id, owner=current_caller().user_id)

    return blueprint
