from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from tests.integration.catalogue import make
from tests.integration.shop import Shop


@pytest.fixture(scope="module")
def gallery(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop that keeps its pictures where nobody else does."""
    shop = Shop(database_url, MEDIA_ROOT=str(tmp_path_factory.mktemp("media")))
    yield shop
    shop.close()


def attach(shop: Shop, product_id: str, alt_text: str) -> None:
    file = BytesIO()
    Image.new("RGB", (60, 40)).save(file, "PNG")
    shop.container.attach_image()(product=product_id, content=file.getvalue(), alt_text=alt_text)


class TestMedia:
    def test_shows_the_pictures_of_a_product(self, gallery: Shop) -> None:
        product_id = make(gallery.staff("catalog.write"))["id"]
        for alt_text in ("front", "back"):
            attach(gallery, product_id, alt_text)

        shown = gallery.visitor().get(f"/products/{product_id}").json
        (listed,) = gallery.visitor().get("/products").json["results"]

        assert [(it["alt_text"], it["is_main"]) for it in shown["images"]] == [
            ("front", True),
            ("back", False),
        ]
        assert listed["main_image_url"] == shown["images"][0]["url"]
        with gallery.app.test_client().get(listed["main_image_url"]) as answer:
            assert (answer.status_code, answer.content_type) == (200, "image/webp")
            assert "immutable" in answer.headers["Cache-Control"]

    @pytest.mark.parametrize(
        "path", ["../pyproject.toml", "..%2fpyproject.toml", "products", "a/../../x", "%00"]
    )
    def test_gives_nothing_from_elsewhere(self, gallery: Shop, path: str) -> None:
        assert gallery.app.test_client().get(f"/media/{path}").status_code == 404
