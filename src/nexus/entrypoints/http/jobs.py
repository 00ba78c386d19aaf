from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from nexus.application.jobs import CancelJob
from nexus.application.ports.exchange import JobQueries, ShownJob
from nexus.domain.jobs import JobStatus
from nexus.entrypoints.http.access import open_to, staff
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.catalog_fields import CATALOG_WRITE
from nexus.entrypoints.http.paging import Envelope, PageQuery, envelope, page_schema, page_wanted
from nexus.entrypoints.http.schemas import Moment


class ListedJobBody(Schema):
    """A job. `progress` goes to 100; `done` and `total` count its rows and pictures.

    `error_count` is of all wrong rows, which do not make it fail. `failure` says what did.
    """

    id = fields.UUID(required=True)
    kind = fields.String(required=True, metadata={"example": "catalog_import"})
    status = fields.String(required=True, validate=validate.OneOf(list(JobStatus)))
    progress = fields.Integer(required=True, metadata={"example": 40})
    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    file_name = fields.String(required=True)
    dry_run = fields.Boolean(required=True)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={
            "description": "Rows that were created, changed, unchanged and skipped; pictures.",
            "example": {"created": 120, "changed": 3, "skipped": 1},
        },
    )
    error_count = fields.Integer(required=True)
    failure = fields.String(required=True, allow_none=True, metadata={"example": "cancelled"})
    created_by = fields.UUID(required=True, allow_none=True)
    created_at = Moment(required=True)
    started_at = Moment(required=True, allow_none=True)
    finished_at = Moment(required=True, allow_none=True)


class RowErrorBody(Schema):
    """What is wrong with a row; the header is row 1. `column` is empty where it is in none."""

    row = fields.Integer(required=True, metadata={"example": 7})
    column = fields.String(required=True, metadata={"example": "price"})
    message = fields.String(required=True)


class ShownJobBody(ListedJobBody):
    errors = fields.List(
        fields.Nested(RowErrorBody),
        required=True,
        metadata={"description": "The first 1000, by row."},
    )


def jobs_blueprint(*, cancel_job: CancelJob, queries: JobQueries) -> Routes:
    blueprint = Routes("jobs", __name__, description="Work that takes longer than a request")

    @blueprint.get("/jobs")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, page_schema(ListedJobBody))
    @open_to(staff(CATALOG_WRITE))
    def list_jobs(query: dict[str, Any]) -> Envelope:
        """List jobs, the latest first; they are forgotten 30 days after their end."""
        page = page_wanted(query)
        return envelope(queries.jobs(page), page)

    @blueprint.get("/jobs/<uuid:job_id>")
    @blueprint.response(200, ShownJobBody)
    @open_to(staff(CATALOG_WRITE))
    def show_job(job_id: UUID) -> ShownJob:
        """Show how far a job has come, and which rows of its file are wrong."""
        return queries.job(job_id)

    @blueprint.post("/jobs/<uuid:job_id>/cancel")
    @blueprint.response(200, ShownJobBody)
    @open_to(staff(CATALOG_WRITE))
    def cancel(job_id: UUID) -> ShownJob:
        """Stop a job where it is: it fails as `cancelled`, and what it has written stays.

        One that has ended already is 409 `job_over`.
        """
        cancel_job(job_id=job_id)
        return queries.job(job_id)

    return blueprint
