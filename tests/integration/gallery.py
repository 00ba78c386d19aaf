"""Pictures sent over HTTP, as a browser's form does."""

from io import BytesIO
from typing import Any

from tests.integration.shop import Visitor

Part = tuple[str, str | bytes, str | None]
BOUNDARY = "a-picture-of-a-mug"


def send(
    visitor: Visitor, product: str, content: bytes, name: str = "mug.png", **facts: str
) -> Any:
    """POST the picture, and whatever a form says beside it."""
    told: list[Part] = [(it, value, None) for it, value in facts.items()]
    return post(visitor, f"/products/{product}/images", ("file", content, name), *told)


def post(visitor: Visitor, path: str, *parts: Part) -> Any:
    """POST a form of these parts: a name, what it holds, and what the file is called if it is."""
    told = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    if visitor.token:
        told["Authorization"] = f"Bearer {visitor.token}"
    data = b"".join(map(written, parts)) + f"--{BOUNDARY}--\r\n".encode()
    return visitor.client.post(f"/api/v1{path}", data=data, headers=told)


def send_chunked(visitor: Visitor, content: bytes) -> Any:
    """POST the picture without saying beforehand how long it is."""
    data = written(("file", content, "mug.jpg")) + f"--{BOUNDARY}--\r\n".encode()
    return visitor.client.post(
        "/api/v1/products/mug/images",
        input_stream=BytesIO(data),
        headers={
            "Authorization": f"Bearer {visitor.token}",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Transfer-Encoding": "chunked",
        },
        # What a server says that takes the chunks apart.
        environ_overrides={"wsgi.input_terminated": True},
    )


def written(part: Part) -> bytes:
    name, content, filename = part
    called = "" if filename is None else f'; filename="{filename}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{called}\r\n\r\n'
    return head.encode() + (content if isinstance(content, bytes) else content.encode()) + b"\r\n"
