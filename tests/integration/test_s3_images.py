"""Pictures in a bucket, over HTTP, of a stand-in that runs in this process."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from moto.server import ThreadedMotoServer

from nexus.adapters.s3_images import KEPT_FOR_GOOD, S3Images, s3_client
from nexus.application.catalog.images import SweepPictures
from nexus.application.ports.images import StoreUnavailable
from tests.contracts.images import ImageStoreContract, picture
from tests.integration.catalogue import make
from tests.integration.gallery import send
from tests.integration.outbox import follow_up
from tests.integration.shop import Shop

KEY = {"key_id": "nexus", "secret": "a-secret-that-protects-nothing", "region": "us-east-1"}
BUCKET = "pictures"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def client(endpoint: str) -> Iterator[Any]:
    client = s3_client(endpoint_url=endpoint, **KEY)
    client.create_bucket(Bucket=BUCKET, ACL="public-read")
    yield client
    client.close()


class TestS3Images(ImageStoreContract):
    @pytest.fixture(autouse=True)
    def place(self, endpoint: str) -> str:
        self.url = f"{endpoint}/{BUCKET}"
        return self.url

    @pytest.fixture
    def store(self, client: Any) -> Iterator[S3Images]:
        yield S3Images(client, BUCKET)
        for it in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
            client.delete_object(Bucket=BUCKET, Key=it["Key"])

    def fetched(self, path: str) -> bytes | None:
        answer = requests.get(f"{self.url}/{path}", timeout=5)
        return answer.content if answer.ok else None

    def test_says_what_it_is_and_how_long_it_keeps(self, store: S3Images) -> None:
        path = store.put("mug", picture())

        told = requests.get(f"{self.url}/{path}", timeout=5).headers

        assert (told["Content-Type"], told["Cache-Control"]) == ("image/webp", KEPT_FOR_GOOD)

    def test_says_when_it_cannot_be_reached(self, client: Any) -> None:
        nowhere = S3Images(client, "nothing")

        with pytest.raises(StoreUnavailable):
            nowhere.put("mug", picture())

    def test_knows_whether_it_answers(self, store: S3Images, client: Any) -> None:
        assert store.check() == "the bucket pictures answers"
        with pytest.raises(client.exceptions.ClientError):
            S3Images(client, "nothing").check()


class TestShop:
    @pytest.fixture
    def told(self, endpoint: str) -> dict[str, str]:
        return {
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": endpoint,
            "S3_ACCESS_KEY_ID": KEY["key_id"],
            "S3_SECRET_ACCESS_KEY": KEY["secret"],
            "S3_PUBLIC_URL": f"{endpoint}/{BUCKET}/",
        }

    @pytest.fixture
    def gallery(self, database_url: str, client: Any, told: dict[str, str]) -> Iterator[Shop]:
        shop = Shop(database_url, **told)
        yield shop
        shop.close()

    def test_shows_pictures_where_the_bucket_is_seen(self, gallery: Shop, endpoint: str) -> None:
        staff = gallery.staff("catalog.write")
        mug = make(staff, stock=1)

        image = send(staff, "mug", picture()).json

        assert image["url"].startswith(f"{endpoint}/{BUCKET}/products/")
        for url in (image["url"], image["thumbnail_url"]):
            assert requests.get(url, timeout=5).headers["Content-Type"] == "image/webp"
        customer = gallery.customer()
        cart = customer.post("/cart/items", {"product_id": mug["id"]}).json
        assert cart["items"][0]["product"]["main_image_url"] == image["url"]
        assert customer.get("/products/mug").json["main_image_url"] == image["url"]

    def test_loses_what_no_product_is_shown_with(self, gallery: Shop, endpoint: str) -> None:
        staff = gallery.staff("catalog.write")
        make(staff)
        image = send(staff, "mug", picture()).json
        lost = gallery.container.image_store().put("products/mug/lost", picture())
        sweep: SweepPictures = gallery.container.sweep_pictures()
        later = replace(sweep, now=lambda: datetime.now(UTC) + timedelta(days=2))

        assert sweep() == 0
        assert later() >= 1

        left = {image["url"]: 200, f"{endpoint}/{BUCKET}/{lost}": 404}
        for url, status in left.items():
            assert requests.get(url, timeout=5).status_code == status

    def test_removes_them_after_their_product(self, gallery: Shop) -> None:
        staff = gallery.staff("catalog.write")
        make(staff)
        image = send(staff, "mug", picture()).json

        staff.delete("/products/mug")
        follow_up(gallery.container, {"internal.pictures_dropped": ("remove_pictures",)})

        for url in (image["url"], image["thumbnail_url"]):
            assert requests.get(url, timeout=5).status_code == 404
