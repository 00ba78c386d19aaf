"""Catalogues that come and go as files: the jobs that carry them, and what files look like."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.catalog import ProductStatus
from nexus.domain.jobs import Job, RowError
from nexus.domain.shared import Money

COLUMNS = (
    *("sku", "name", "description", "price", "compare_at_price", "category", "status", "stock"),
    *("brand", "tags", "image_url", "attributes"),
)
OPTION = "option:"
"""What the name of a column begins with that holds an option of variants."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its number, counted from the header's 1, and the cells that say something.

    A `fault` says why it could not be read.
    """

    number: int
    cells: Mapping[str, str]
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """What a row says, in the domain's types; what its cells leave open is not named or None.

    `facts` are of the product, its `category` among them.
    """

    number: int
    sku: str
    facts: Mapping[str, Any]
    price: Money | None = None
    stock: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    picture: str | None = None


class ReadRow(Protocol):
    def __call__(self, row: Row) -> ProductRow:
        """Read the cells by the rules of the API; raise ValidationFailed naming columns."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A piece of a job's work, in plain JSON, known by its first row.

    Slices are done in the order of their stage and row.
    """

    job_id: UUID
    stage: int
    row: int
    content: Any


class SliceGone(Exception):
    """Somebody else has done it, or the job was stopped, so nothing of it may be written."""


class Jobs(Protocol):
    """Jobs, and the work that each still has to do."""

    def add(self, job: Job) -> None: ...

    def lock(self, job_id: UUID) -> Job:
        """Return it, kept from other work; raise JobNotFound."""

    def advance(self, job: Job) -> None:
        """Write how far it has come."""

    def owe(self, slices: Sequence[Slice]) -> None: ...
    def next_slice(self, job_id: UUID) -> Slice | None: ...

    def settle(self, part: Slice) -> None:
        """Owe it no longer; raise SliceGone."""

    def keep_picture(self, job_id: UUID, name: str, content: bytes) -> None: ...
    def picture(self, job_id: UUID, name: str) -> bytes | None: ...

    def clear(self, job_id: UUID) -> None:
        """Forget all that the job would still have needed."""

    def forget(self, before: datetime, *, limit: int) -> int:
        """Forget at most so many of those that had ended by then; return how many."""


@dataclass(eq=False)
class PictureNotFetched(Exception):
    """Why, in a sentence for whoever gave the address."""

    reason: str


class PictureFetcher(Protocol):
    def fetch(self, url: str) -> bytes:
        """Return what lies at a public address; raise PictureNotFetched."""


class Pictures(Protocol):
    """The pictures that came along with a file, by their names."""

    def __contains__(self, name: object) -> bool: ...
    def read(self, name: str) -> bytes:
        """Raise ValidationFailed where it cannot be unpacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownJob:
    """`progress` counts to 100; `done` and `total` are of rows and of pictures."""

    id: UUID
    kind: str
    status: str
    progress: int
    done: int
    total: int
    file_name: str
    dry_run: bool
    counts: Mapping[str, int]
    error_count: int
    errors: Sequence[RowError]
    failure: str | None
    created_by: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobQueries(Protocol):
    def jobs(self, page: PageWanted) -> Page[ShownJob]:
        """Return jobs without their errors, the latest first."""

    def job(self, job_id: UUID) -> ShownJob:
        """Raise JobNotFound."""


@dataclass(frozen=True, slots=True)
class ExportFilter:
    category: str | None = None
    status: ProductStatus | None = None


@dataclass(frozen=True, slots=True)
class ExportedRow:
    """A variant with what is said of its product."""

    product_id: UUID
    sku: str
    name: str
    description: str
    price: Money
    compare_at_price: Money | None
    category: str | None
    status: str
    stock: int
    brand: str
    tags: Sequence[str]
    picture: str | None
    attributes: Mapping[str, Any]
    options: Mapping[str, str]


class CatalogExport(Protocol):
    def option_names(self, which: ExportFilter) -> list[str]: ...
    def rows(self, which: ExportFilter) -> Iterator[ExportedRow]:
        """Give every variant, those of one product together, without holding many at once."""
