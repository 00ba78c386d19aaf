"""The step of an import that shows a picture, fetched while no transaction waits for it."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from nexus.application.catalog.images import AttachImage
from nexus.application.catalog.imports import PICTURES
from nexus.application.jobs import Report, settle
from nexus.application.ports.exchange import PictureFetcher, PictureNotFetched, Slice
from nexus.application.ports.work import StartWork
from nexus.domain.jobs import Job, RowError
from nexus.domain.shared import (
    AlreadyExists,
    Conflict,
    Invalid,
    NexusError,
    NotFound,
    ValidationFailed,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """What a row says that its product, or a variant of it, is shown with."""

    row: int
    product_id: UUID
    variant_id: UUID | None
    address: str

    def is_among(self, shown: Collection[str]) -> bool:
        """Whether it has been taken from there, or is our own."""
        return any(self.address == it or self.address.endswith(f"/{it}") for it in shown)

    def slice(self, job_id: UUID) -> Slice:
        variant_id = self.variant_id and str(self.variant_id)
        content = {"product_id": str(self.product_id), "variant_id": variant_id}
        return Slice(job_id, PICTURES, self.row, content | {"address": self.address})


@dataclass(frozen=True)
class ImportPicture:
    """Fetch a picture and show it; one that cannot be had is an error of its row."""

    start_work: StartWork
    attach_image: AttachImage
    fetcher: PictureFetcher

    def __call__(self, *, job: Job, part: Slice) -> None:
        counts: Mapping[str, int] = {"pictures": 1}
        errors = []
        try:
            self._show(part)
        except AlreadyExists:
            counts = {}
        except (PictureNotFetched, Invalid, Conflict, NotFound) as refusal:
            counts, errors = {}, [RowError(part.row, "image_url", _reason(refusal))]
        with self.start_work() as work:
            settle(work, part, Report(1, counts, errors))

    def _show(self, part: Slice) -> None:
        content, source = self._content(part.job_id, part.content["address"])
        variant_id = part.content["variant_id"]
        self.attach_image(
            product=part.content["product_id"],
            content=content,
            variant_id=variant_id and UUID(variant_id),
            source=source,
        )

    def _content(self, job_id: UUID, address: str) -> tuple[bytes, str]:
        """Return the picture, and what tells it from others: its address, or all of it."""
        with self.start_work() as work:
            content = work.jobs.picture(job_id, address)
        if content is None:
            return self.fetcher.fetch(address), address
        return content, f"sha256:{hashlib.sha256(content).hexdigest()}"


def _reason(refusal: PictureNotFetched | NexusError) -> str:
    if isinstance(refusal, PictureNotFetched):
        return refusal.reason
    if isinstance(refusal, ValidationFailed):
        return next(iter(refusal.errors.values()))[0]
    return refusal.detail or refusal.code
