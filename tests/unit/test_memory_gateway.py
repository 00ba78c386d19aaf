from dataclasses import dataclass, field

import pytest

from nexus.adapters.memory.gateway import MemoryGateway
from tests.contracts.gateway import PRICE, GatewayContract


@dataclass
class MemoryCashier:
    gateway: MemoryGateway = field(default_factory=MemoryGateway)

    def pay(self, reference: str) -> None:
        self.gateway.pay(reference)

    def decline(self, reference: str) -> None:
        self.gateway.decline(reference)

    def fall_silent(self) -> None:
        self.gateway.is_down = True

    def webhook(self, reference: str) -> tuple[bytes, dict[str, str]]:
        return self.gateway.webhook(reference, PRICE)

    def sign(self, body: bytes) -> dict[str, str]:
        return self.gateway.sign(body)


class TestMemoryGateway(GatewayContract):
    @pytest.fixture
    def cashier(self) -> MemoryCashier:
        return MemoryCashier()
