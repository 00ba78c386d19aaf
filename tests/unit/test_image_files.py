from pathlib import Path

import pytest

from nexus.adapters.image_files import ImageFiles
from tests.contracts.images import ImageStoreContract, picture


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

    def test_lets_everybody_read_what_it_keeps(self, store: ImageFiles, root: Path) -> None:
        path = store.put("mug", picture())

        assert (root / path).stat().st_mode & 0o777 == 0o644
