from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from nexus.application.ports.staff_users import (
    ORDERINGS,
    KnownUser,
    StaffUserQueries,
    UserFilter,
)
from nexus.application.staff_users import ChangeUser, UserChanges
from nexus.domain.users import PERMISSIONS, Role
from nexus.entrypoints.http.access import current_caller, open_to, staff
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.identity import Line, Phone
from nexus.entrypoints.http.paging import (
    Envelope,
    Ordering,
    PageQuery,
    envelope,
    page_schema,
    page_wanted,
)
from nexus.entrypoints.http.schemas import Flag, Moment, Text

READ = staff("users.read")
WRITE = staff("users.write")
PROFILE = ("first_name", "last_name", "phone")


class UsersQuery(PageQuery):
    search = Text(most=200, metadata={"description": "In e-mail, names, username and phone."})
    role = fields.Enum(Role, by_value=True, metadata={"description": "What they are here."})
    is_active = Flag(metadata={"description": "Those who may sign in, or may not."})
    is_verified = Flag(metadata={"description": "Whether their address is proved."})
    ordering = Ordering(ORDERINGS)


class UserBody(Schema):
    """What staff may change; `role` and `permissions` are for administrators alone."""

    first_name = Line(most=150, metadata={"example": "Hana"})
    last_name = Line(most=150, metadata={"example": "Girma"})
    phone = Phone(allow_none=True, metadata={"example": "+251911234567"})
    is_active = Flag(metadata={"example": True})
    notes = Text(metadata={"example": "Prefers to be called in the morning."})
    role = fields.Enum(Role, by_value=True, metadata={"example": "staff"})
    permissions = fields.List(
        fields.String(validate=validate.OneOf(sorted(PERMISSIONS))),
        metadata={"example": ["catalog.write"]},
    )


class UserShown(Schema):
    """An account; `notes` are what staff wrote about it, for staff."""

    id = fields.UUID(required=True)
    email = fields.String(required=True, metadata={"example": "abebe@nexus.test"})
    username = fields.String(required=True, allow_none=True)
    first_name = fields.String(required=True)
    last_name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    is_verified = fields.Boolean(required=True)
    is_active = fields.Boolean(required=True)
    role = fields.String(required=True, validate=validate.OneOf(list(Role)))
    permissions = fields.List(fields.String(), required=True)
    notes = fields.String(required=True)
    created_at = Moment(required=True)
    last_seen_at = Moment(required=True, allow_none=True)


def _changes(body: dict[str, Any]) -> UserChanges:
    profile = {name: body.pop(name) for name in PROFILE if name in body}
    if "permissions" in body:
        body["permissions"] = frozenset(body["permissions"])
    return UserChanges(profile=profile, **body)


def staff_users_blueprint(*, change_user: ChangeUser, queries: StaffUserQueries) -> Routes:
    blueprint = Routes("staff_users", __name__, description="Everybody's account, for staff")

    @blueprint.get("/users")
    @blueprint.arguments(UsersQuery, location="query")
    @blueprint.response(200, page_schema(UserShown))
    @open_to(READ)
    def list_users(query: dict[str, Any]) -> Envelope:
        """List accounts, newest first."""
        wanted = page_wanted(query)
        return envelope(queries.users(wanted, UserFilter(**query)), wanted)

    @blueprint.get("/users/<uuid:user_id>")
    @blueprint.response(200, UserShown)
    @open_to(READ)
    def show_user(user_id: UUID) -> KnownUser:
        """Show an account."""
        return queries.user(user_id)

    @blueprint.patch("/users/<uuid:user_id>")
    @blueprint.arguments(UserBody)
    @blueprint.response(200, UserShown)
    @open_to(WRITE)
    def change_account(body: dict[str, Any], user_id: UUID) -> KnownUser:
        """Change an account; one that is made inactive is signed out everywhere at once."""
        by_admin = current_caller().role == Role.ADMIN
        change_user(user_id=user_id, changes=_changes(body), by_admin=by_admin)
        return queries.user(user_id)

    return blueprint
