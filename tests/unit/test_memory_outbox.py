from uuid import UUID

import pytest

from nexus.adapters.memory.system import MemoryAnswers, MemoryOutbox
from nexus.application.ports.system import Attempt, StoredEvent
from nexus.domain.shared import new_id
from tests.contracts.answers import ORDER, AnswersContract
from tests.contracts.outbox import NOON, OutboxContract


class TestMemoryOutbox(OutboxContract):
    @pytest.fixture
    def outbox(self) -> MemoryOutbox:
        return MemoryOutbox()

    def publish(self, outbox: MemoryOutbox, name: str, order_id: UUID) -> None:  # type: ignore[override]
        outbox.publish(StoredEvent(new_id(), name, NOON, {"order_id": str(order_id)}))


class TestMemoryAnswers(AnswersContract):
    @pytest.fixture
    def answers(self) -> MemoryAnswers:
        return MemoryAnswers()

    def conclude(self, answers: MemoryAnswers, attempt: Attempt) -> None:  # type: ignore[override]
        answers.conclude(attempt, ORDER)
