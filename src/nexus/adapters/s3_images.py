"""Pictures in a bucket, of Amazon or of whoever speaks its language."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from nexus.adapters.pictures import made_anew
from nexus.application.ports.images import StoreUnavailable, picture_of, thumbnail_of

# A path is never written twice, so what was fetched once may be kept.
KEPT_FOR_GOOD = "public, max-age=31536000, immutable"


def s3_client(*, endpoint_url: str, region: str, key_id: str, secret: str) -> Any:
    """Return a client; without a key of its own it takes the role that the machine has."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint_url or None,
        region_name=region,
        aws_access_key_id=key_id or None,
        aws_secret_access_key=secret or None,
        config=Config(
            connect_timeout=3,
            read_timeout=10,
            retries={"mode": "standard", "total_max_attempts": 3},
            s3={"addressing_style": "path" if endpoint_url else "auto"},
            # Others than Amazon do not know the checksums that it has come to ask for.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


class S3Images:
    """Keeps each picture and its thumbnail as an object of the bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def put(self, name: str, content: bytes) -> str:
        path = f"{name}.webp"
        made = made_anew(content)
        with _refusals():
            for key, body in zip((path, thumbnail_of(path)), made, strict=True):
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=body,
                    ContentType="image/webp",
                    CacheControl=KEPT_FOR_GOOD,
                )
        return path

    def remove(self, path: str) -> None:
        with _refusals():
            for key in (path, thumbnail_of(path)):
                self._client.delete_object(Bucket=self._bucket, Key=key)

    def kept(self, folder: str, *, before: datetime) -> Iterator[str]:
        listing = self._client.get_paginator("list_objects_v2")
        with _refusals():
            for page in listing.paginate(Bucket=self._bucket, Prefix=f"{folder}/"):
                for it in page.get("Contents", ()):
                    if it["LastModified"] < before:
                        yield picture_of(it["Key"])

    def check(self) -> str:
        """Say where the pictures are kept, or raise."""
        self._client.head_bucket(Bucket=self._bucket)
        return f"the bucket {self._bucket} answers"


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable from error
