from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath
from typing import IO, Any

from flask import Response
from marshmallow import Schema, fields
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from nexus.application.catalog.exports import NoteExport
from nexus.application.catalog.imports import StartImport
from nexus.application.ports.exchange import CatalogExport, ExportFilter, JobQueries
from nexus.application.ports.system import Clock
from nexus.domain.catalog import ProductStatus
from nexus.entrypoints.http.access import open_to, staff
from nexus.entrypoints.http.catalog_fields import CATALOG_WRITE
from nexus.entrypoints.http.catalog_files import csv_lines, read_rows
from nexus.entrypoints.http.etags import json_bytes
from nexus.entrypoints.http.jobs import ShownJobBody
from nexus.entrypoints.http.paths import API
from nexus.entrypoints.http.schemas import Flag, Text
from nexus.entrypoints.http.uploads import FileRoutes, Upload, takes_file
from nexus.entrypoints.http.zip_files import NoPictures, ZippedCatalog, is_zip

MOST_CSV_BYTES = 20 * 1024 * 1024
LONGEST_NAME = 200
# As many lines are written to the caller at once.
LINES = 500


class ImportForm(Schema):
    file = Upload(required=True)


class ImportQuery(Schema):
    dry_run = Flag(
        load_default=False, metadata={"description": "Check all of it, and write nothing."}
    )


class ExportQuery(Schema):
    category = Text(most=200, metadata={"description": "Id or slug; what lies below counts too."})
    status = fields.Enum(
        ProductStatus, by_value=True, metadata={"description": "Those of this status alone."}
    )


def exchange_blueprint(
    *,
    start_import: StartImport,
    note_export: NoteExport,
    catalog: CatalogExport,
    jobs: JobQueries,
    most_bytes: int,
    now: Clock,
) -> FileRoutes:
    blueprint = FileRoutes("catalog", __name__, description="The catalogue as a file")

    @blueprint.post("/catalog/import")
    @blueprint.arguments(ImportForm, location="files")
    @blueprint.arguments(ImportQuery, location="query")
    @blueprint.response(202, ShownJobBody)
    @takes_file(most_bytes)
    @open_to(staff(CATALOG_WRITE))
    def import_catalog(form: dict[str, Any], query: dict[str, Any]) -> Response:
        """Create and change products from a CSV file, as a job.

        UTF-8, with commas, semicolons or tabs; at most 20 MB and 100,000 rows. The first row names
        the columns: `sku` and any of `name, description, price, compare_at_price, category, status,
        stock, brand, tags, image_url, attributes` and `option:<name>`, such as `option:size`.

        - **Rows are variants.** Rows that follow each other, bear the same name and each fill an
          `option:` column are variants of one product; every other row is a product by itself. An
          empty row sets products of one name apart.
          What is said of the product stands in its first row; the others repeat it or are empty.
        - **A SKU that is known** changes that variant and its product; an empty cell leaves what
          there is. Any other SKU makes a new one, for which a name and a price are needed. No SKU
          may stand there twice.
        - `price` is the variant's, and the product's where all of its variants have the same.
          `category` is the slug or id of one that there is, and becomes the primary one. `stock`
          is what was counted: the difference goes to the ledger; leave the column out to leave
          the stock alone. `tags` have commas between them, or are a JSON list. `attributes` are a
          JSON object. `image_url` is an http address that anybody may open; the picture of the
          first row is the product's, of any other its variant's.
        - Instead of a CSV file, a **zip file** may hold one with pictures beside it, whose names
          then stand in `image_url`.
        - A quote before `=`, `+`, `-` or `@`, as an export puts it there, is taken away.

        A wrong row is left out, with the others of its product, and told by GET `/jobs/{id}`;
        the rest is written. With `dry_run` all is checked, and nothing is written or fetched.
        """
        upload: FileStorage = form["file"]
        file = upload.stream
        dry_run = bool(query["dry_run"])
        pictures = ZippedCatalog(file, most_csv_bytes=MOST_CSV_BYTES) if is_zip(file) else None
        with pictures.table() if pictures else _plain(file) as table:
            job_id = start_import(
                rows=read_rows(table),
                pictures=pictures or NoPictures(),
                file_name=PurePath(upload.filename or "").name[:LONGEST_NAME],
                dry_run=dry_run,
            )
        location = {"Location": f"{API}/jobs/{job_id}"}
        content = json_bytes(jobs.job(job_id))
        return Response(content, 202, location, content_type="application/json")

    @blueprint.get("/catalog/export")
    @blueprint.arguments(ExportQuery, location="query")
    @blueprint.response(200, {"type": "string"}, content_type="text/csv")
    @open_to(staff(CATALOG_WRITE))
    def export_catalog(query: dict[str, Any]) -> Response:
        """Return the catalogue as the CSV file that the import takes, a row for each variant.

        An empty row sets products apart that bear one name and follow each other.
        Text that a spreadsheet would take for a formula has a quote before it.
        """
        note_export(asked={name: str(value) for name, value in query.items()})
        which = ExportFilter(**query)
        lines = csv_lines(catalog.option_names(which), catalog.rows(which))
        name = f"catalog-{now():%Y-%m-%d}.csv"
        return Response(
            map("".join, batched(lines)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f"attachment; filename={name}"},
        )

    return blueprint


def _plain(file: IO[bytes]) -> IO[bytes]:
    """Return a CSV file that came as it is, unless it is too large."""
    size = file.seek(0, 2)
    if size > MOST_CSV_BYTES:
        raise RequestEntityTooLarge
    file.seek(0)
    return file


def batched(lines: Iterator[str]) -> Iterator[list[str]]:
    while held := list(islice(lines, LINES)):
        yield held
