"""What every gallery promises, in memory and in SQL, and every store of pictures."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from nexus.application.ports.images import ImageStore, thumbnail_of
from nexus.application.ports.work import StartWork
from nexus.domain.catalog import Product
from nexus.domain.images import Gallery, ImageNotFound, ProductImage
from nexus.domain.shared import ValidationFailed, new_id
from tests.contracts.catalog import coffee, kept, variant_of

HOUR = timedelta(hours=1)


def image_of(product: Product, name: str = "front", **facts: Any) -> ProductImage:
    return ProductImage(new_id(), product.id, f"{name}.webp", **facts)


def shown(store: StartWork, product: Product, *images: ProductImage) -> Gallery:
    gallery = Gallery(product.id)
    for image in images:
        gallery.add(image)
    with store() as work:
        work.images.save(gallery)
    return gallery


class ImagesContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    def test_returns_a_gallery_as_it_was_saved(self, store: StartWork) -> None:
        product = coffee()
        variant = variant_of(product)
        kept(store, product, variant)
        gallery = shown(
            store,
            product,
            image_of(product, "back", position=2, alt_text="From behind", variant_id=variant.id),
            image_of(product, "front", position=1, is_main=True),
        )

        with store() as work:
            assert work.images.of(product.id) == gallery
            assert [it.path for it in gallery.images] == ["front.webp", "back.webp"]

    def test_has_an_empty_one_for_a_product_without_images(self, store: StartWork) -> None:
        product = kept(store, coffee())

        with store() as work:
            assert work.images.of(product.id) == Gallery(product.id)

    def test_passes_the_main_place_on(self, store: StartWork) -> None:
        product = kept(store, coffee())
        front, back = image_of(product), image_of(product, "back", position=1)
        gallery = shown(store, product, front, back)

        with store() as work:
            gallery.change(back.id, {"is_main": True})
            work.images.save(gallery)

        with store() as work:
            mains = [it.path for it in work.images.of(product.id).images if it.is_main]
            assert mains == ["back.webp"]

    def test_forgets_what_was_removed(self, store: StartWork) -> None:
        product = kept(store, coffee())
        front, back = image_of(product), image_of(product, "back", position=1)
        gallery = shown(store, product, front, back)

        with store() as work:
            gallery.remove(front.id)
            work.images.save(gallery)

        with store() as work:
            (left,) = work.images.of(product.id).images
            assert (left.path, left.is_main) == ("back.webp", True)
            with pytest.raises(ImageNotFound):
                work.images.product_of(front.id)

    def test_knows_whose_an_image_and_a_variant_is(self, store: StartWork) -> None:
        product, other = coffee(), coffee("tea")
        variant, image = variant_of(product), image_of(product)
        kept(store, product, variant)
        kept(store, other)
        shown(store, product, image)

        with store() as work:
            assert work.images.product_of(image.id) == product.id
            assert work.images.is_variant_of(variant.id, product.id)
            assert not work.images.is_variant_of(variant.id, other.id)

    def test_knows_which_paths_are_named(self, store: StartWork) -> None:
        product = kept(store, coffee())
        shown(store, product, image_of(product), image_of(product, "back", position=1))

        with store() as work:
            assert work.images.named({"front.webp", "side.webp"}) == {"front.webp"}
            assert work.images.named(set()) == set()

    def test_shows_the_main_one_in_a_cart(self, store: StartWork) -> None:
        product = coffee()
        variant = variant_of(product)
        kept(store, product, variant)
        shown(store, product, image_of(product), image_of(product, "back", is_main=True))

        assert self.in_a_cart(store, variant.id) == "back.webp"

    def in_a_cart(self, store: StartWork, variant_id: UUID) -> str | None:
        with store() as work:
            return work.products.for_sale([variant_id])[variant_id].image


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    file = BytesIO()
    Image.new(mode, size).save(file, kind, compress_level=1)
    return file.getvalue()


class ImageStoreContract:
    @pytest.fixture
    def store(self) -> ImageStore:
        raise NotImplementedError

    def fetched(self, path: str) -> bytes | None:
        """Return the file as anybody would see it, or None where there is none."""
        raise NotImplementedError

    def test_keeps_a_picture_and_its_thumbnail(self, store: ImageStore) -> None:
        path = store.put("products/mug", picture("JPEG", (3000, 1500)))

        assert path == "products/mug.webp"
        sizes = []
        for place in (path, thumbnail_of(path)):
            with Image.open(BytesIO(self.fetched(place) or b"")) as image:
                sizes.append((image.format, image.size))
        assert sizes == [("WEBP", (2000, 1000)), ("WEBP", (400, 200))]

    def test_keeps_nothing_of_what_is_no_picture(self, store: ImageStore) -> None:
        with pytest.raises(ValidationFailed):
            store.put("products/mug", b"not a picture")

        assert self.fetched("products/mug.webp") is None

    def test_removes_both_and_nothing_else(self, store: ImageStore) -> None:
        gone, kept = (store.put(f"products/{name}", picture()) for name in ("mug", "mug2"))

        store.remove(gone)

        assert self.fetched(gone) is None
        assert self.fetched(thumbnail_of(gone)) is None
        assert self.fetched(kept)
        assert self.fetched(thumbnail_of(kept))

    def test_has_nothing_to_do_for_what_is_gone_already(self, store: ImageStore) -> None:
        store.remove("products/nothing.webp")

    def test_tells_what_was_put_before_a_moment(self, store: ImageStore) -> None:
        paths = {store.put(f"products/{name}", picture()) for name in ("mug/1", "mug/2", "cup/1")}
        store.put("productsale/banner", picture())
        now = datetime.now(UTC)

        assert set(store.kept("products", before=now + HOUR)) == paths
        assert set(store.kept("products", before=now - HOUR)) == set()
        assert set(store.kept("nothing", before=now + HOUR)) == set()
