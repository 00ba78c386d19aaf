"""Catalogues that come and go as files, and the jobs that carry them."""

from urllib.parse import urljoin

from dependency_injector import providers

from nexus.adapters.picture_fetcher import SafePictureFetcher
from nexus.adapters.sql.queries.catalog_export import SqlCatalogExport
from nexus.adapters.sql.queries.jobs import SqlJobQueries
from nexus.application.catalog.exports import NoteExport
from nexus.application.catalog.import_pictures import ImportPicture
from nexus.application.catalog.import_rows import ImportRows
from nexus.application.catalog.imports import PICTURES, ROWS, StartImport
from nexus.application.forgetting import ForgetJobs
from nexus.application.jobs import CancelJob, GiveUpJob, RunJob
from nexus.domain.catalog import MOST_VARIANTS
from nexus.entrypoints.http.actors import in_name_of
from nexus.entrypoints.http.catalog_rows import RowReader
from nexus.entrypoints.http.exchange import exchange_blueprint
from nexus.entrypoints.http.jobs import jobs_blueprint
from nexus.settings import Settings
from nexus.wiring.catalog import Catalog
from nexus.wiring.technology import Once


def is_at_home(settings: Settings) -> bool:
    """Whether this machine may be asked for pictures, which in production nobody lets it be."""
    return settings.nexus_env in ("local", "test")


def from_anywhere(media_url: str, public_url: str) -> str:
    """Return where pictures lie, as somebody elsewhere has to call it."""
    return urljoin(public_url, media_url)


class Exchange(Catalog):
    job_queries = Once(SqlJobQueries, Catalog.engine)
    picture_fetcher = Once(
        SafePictureFetcher, allow_loopback=providers.Callable(is_at_home, Catalog.settings)
    )
    start_import = Once(
        StartImport,
        start_work=Catalog.work.provider,
        now=Catalog.clock,
        who=Catalog.who,
        most_variants=MOST_VARIANTS,
    )
    import_rows = Once(
        ImportRows,
        start_work=Catalog.work.provider,
        now=Catalog.clock,
        read_row=Once(RowReader, Catalog.settings.provided.default_currency),
        low_stock_default=Catalog.low_stock,
    )
    import_picture = Once(
        ImportPicture,
        start_work=Catalog.work.provider,
        attach_image=Catalog.attach_image,
        fetcher=picture_fetcher,
    )
    run_job = Once(
        RunJob,
        start_work=Catalog.work.provider,
        now=Catalog.clock,
        in_name_of=providers.Object(in_name_of),
        steps=providers.Dict({ROWS: import_rows, PICTURES: import_picture}),
    )
    give_up_job = Once(GiveUpJob, start_work=Catalog.work.provider, now=Catalog.clock)
    forget_jobs = Once(ForgetJobs, start_work=Catalog.work.provider, now=Catalog.clock)
    jobs = Once(
        jobs_blueprint,
        cancel_job=Once(CancelJob, start_work=Catalog.work.provider, now=Catalog.clock),
        queries=job_queries,
    )
    catalog_files = Once(
        exchange_blueprint,
        start_import=start_import,
        note_export=Once(NoteExport, start_work=Catalog.work.provider),
        catalog=Once(
            SqlCatalogExport,
            Catalog.reader,
            media=providers.Callable(
                from_anywhere, Catalog.media_url, Catalog.settings.provided.public_url
            ),
        ),
        jobs=job_queries,
        most_bytes=Catalog.settings.provided.import_max_bytes,
        now=Catalog.clock,
    )
