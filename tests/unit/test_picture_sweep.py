"""Files that no product is shown with, and those that somebody is about to show."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nexus.adapters.image_files import ImageFiles
from nexus.adapters.memory.store import MemoryStore
from nexus.application.catalog import images
from nexus.application.catalog.images import AttachImage, SweepPictures
from nexus.application.ports.images import thumbnail_of
from tests.contracts.catalog import coffee, kept
from tests.contracts.images import picture

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1, seconds=1)


@pytest.fixture
def files(tmp_path: Path) -> ImageFiles:
    return ImageFiles(str(tmp_path))


@pytest.fixture
def sweep(store: MemoryStore, files: ImageFiles) -> SweepPictures:
    return SweepPictures(store, lambda: NOW, files)


@pytest.fixture
def attach(store: MemoryStore, files: ImageFiles) -> AttachImage:
    kept(store, coffee())
    return AttachImage(store, lambda: NOW, files)


def names(root: Path) -> set[str]:
    return {it.name for it in root.rglob("*") if it.is_file()}


def put(files: ImageFiles, root: Path, name: str, *, at: datetime) -> set[str]:
    """Put a picture then, and return what its files are called."""
    path = files.put(f"products/{name}", picture())
    places = [root / it for it in (path, thumbnail_of(path))]
    for place in places:
        os.utime(place, (at.timestamp(), at.timestamp()))
    return {it.name for it in places}


class TestSweepPictures:
    def test_leaves_alone_what_may_still_be_named(
        self, sweep: SweepPictures, files: ImageFiles, tmp_path: Path
    ) -> None:
        put(files, tmp_path, "old", at=YESTERDAY)
        young = put(files, tmp_path, "young", at=YESTERDAY + timedelta(seconds=2))

        assert [sweep(), sweep()] == [1, 0]
        assert names(tmp_path) == young

    def test_leaves_alone_what_a_product_is_shown_with(
        self, sweep: SweepPictures, attach: AttachImage, tmp_path: Path
    ) -> None:
        attach(product="coffee", content=picture())
        for place in tmp_path.rglob("*.webp"):
            os.utime(place, (YESTERDAY.timestamp(), YESTERDAY.timestamp()))

        assert sweep() == 0
        assert len(names(tmp_path)) == 2

    def test_leaves_alone_what_is_not_of_products(
        self, sweep: SweepPictures, tmp_path: Path
    ) -> None:
        logo = tmp_path / "logo.webp"
        logo.write_bytes(picture())
        os.utime(logo, (YESTERDAY.timestamp(), YESTERDAY.timestamp()))

        assert sweep() == 0
        assert names(tmp_path) == {"logo.webp"}

    def test_comes_by_while_a_picture_is_being_attached(
        self, store: MemoryStore, attach: AttachImage, tmp_path: Path
    ) -> None:
        swept = []

        class SweptBetween(ImageFiles):
            """Is swept as soon as a file is there, which is before any row names it."""

            def put(self, name: str, content: bytes) -> str:
                path = super().put(name, content)
                swept.append(SweepPictures(store, lambda: datetime.now(UTC), self)())
                return path

        between = SweptBetween(str(tmp_path))
        AttachImage(store, lambda: NOW, between)(product="coffee", content=picture())

        assert swept == [0]
        assert len(names(tmp_path)) == 2

    def test_removes_no_more_at_once_than_would_be_missed(
        self,
        sweep: SweepPictures,
        files: ImageFiles,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(images, "BATCH", 2)
        monkeypatch.setattr(images, "MOST_SWEPT", 3)
        for number in range(5):
            put(files, tmp_path, f"mug/{number}", at=YESTERDAY)

        assert [sweep(), sweep(), sweep()] == [3, 2, 0]
        assert names(tmp_path) == set()
