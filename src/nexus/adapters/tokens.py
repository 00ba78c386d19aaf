"""Words that open what belongs to their holder."""

import hmac
from base64 import urlsafe_b64encode
from uuid import UUID

PURPOSE = b"order"


class HmacOrderTokens:
    """Made from the order's id and our key, so that nothing is stored."""

    def __init__(self, key: str) -> None:
        # A key of its own: what is signed for another purpose never opens an order.
        self._key = hmac.digest(key.encode(), PURPOSE, "sha256")

    def for_order(self, order_id: UUID) -> str:
        return (
            urlsafe_b64encode(hmac.digest(self._key, order_id.bytes, "sha256")).decode().rstrip("=")
        )

    def opens(self, order_id: UUID, token: str) -> bool:
        return hmac.compare_digest(self.for_order(order_id).encode(), token.encode())
