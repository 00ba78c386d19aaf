"""Short texts signed with our key (HMAC-SHA256), so that they come back unchanged or not at all."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode


class HmacSeals:
    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def seal(self, purpose: str, text: str) -> str:
        return f"{urlsafe_b64encode(text.encode()).decode()}.{self._signature(purpose, text)}"

    def open(self, purpose: str, sealed: str) -> str | None:
        coded, _, signature = sealed.partition(".")
        try:
            text = urlsafe_b64decode(coded).decode()
        except ValueError:
            return None
        genuine = hmac.compare_digest(self._signature(purpose, text).encode(), signature.encode())
        return text if genuine else None

    def _signature(self, purpose: str, text: str) -> str:
        key = hmac.digest(self._key, purpose.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()
