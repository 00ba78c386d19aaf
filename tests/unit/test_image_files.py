from datetime import UTC, datetime
from pathlib import Path

import pytest

from nexus.adapters.image_files import ImageFiles
from tests.contracts.images import HOUR, ImageStoreContract, picture


class TestImageFiles(ImageStoreContract):
    @pytest.fixture(autouse=True)
    def root(self, tmp_path: Path) -> Path:
        self.place = tmp_path
        return tmp_path

    @pytest.fixture
    def store(self, root: Path) -> ImageFiles:
        return ImageFiles(str(root))

    def fetched(self, path: str) -> bytes | None:
        place = self.place / path
        return place.read_bytes() if place.exists() else None

    def test_leaves_nothing_else_lying_about(self, store: ImageFiles, root: Path) -> None:
        store.put("mug", picture(mode="LA"))

        assert sorted(it.name for it in root.iterdir()) == ["mug-small.webp", "mug.webp"]

    def test_tells_of_what_is_left_of_a_picture(self, store: ImageFiles, root: Path) -> None:
        for name in ("mug", "cup"):
            store.put(f"products/{name}", picture())
        (root / "products/mug.webp").unlink()
        (root / "products/cup-small.webp").unlink()
        (root / "products/tmp1x2y").touch()

        left = store.kept("products", before=datetime.now(UTC) + HOUR)

        assert set(left) == {"products/mug.webp", "products/cup.webp", "products/tmp1x2y"}

    def test_lets_everybody_read_what_it_keeps(self, store: ImageFiles, root: Path) -> None:
        path = store.put("mug", picture())

        assert (root / path).stat().st_mode & 0o777 == 0o644
