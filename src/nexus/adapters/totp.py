"""Codes of authenticator apps (RFC 6238), by pyotp; their secrets are encrypted by Fernet."""

from base64 import urlsafe_b64encode
from datetime import datetime
from hmac import compare_digest

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyotp import TOTP, random_base32

from nexus.application.ports.security import NewTotp

PURPOSE = b"totp"
# A clock may be one step off, and a code typed at the end of its step.
NEIGHBOURS = (0, -1, 1)


class EncryptedTotp:
    def __init__(self, key: str, *, issuer: str) -> None:
        # A key of its own: what is signed or encrypted for another purpose tells nothing of it.
        derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
        self._fernet = Fernet(urlsafe_b64encode(derived))
        self._issuer = issuer

    def new(self, *, account: str) -> NewTotp:
        secret = random_base32()
        uri = TOTP(secret).provisioning_uri(name=account, issuer_name=self._issuer)
        return NewTotp(self._fernet.encrypt(secret.encode()).decode(), secret, uri)

    def step_of(self, code: str, sealed: str, *, at: datetime) -> int | None:
        try:
            totp = TOTP(self._fernet.decrypt(sealed).decode())
        except InvalidToken:
            # Sealed under another key: what is left to its owner are the recovery codes.
            return None
        now = totp.timecode(at)
        given = code.replace(" ", "").encode()
        right = [
            now + off
            for off in NEIGHBOURS
            if compare_digest(totp.generate_otp(now + off).encode(), given)
        ]
        return right[0] if right else None
