"""What the sandbox remembers: in memory, until it is reset or stops."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any, Literal

from nexus.entrypoints.sandbox.faults import NO_FAULTS, Faults
from nexus.entrypoints.sandbox.transactions import Refund, Transaction, utc_now

logger = logging.getLogger(__name__)


class ReferenceUsed(Exception):
    """The shop's own reference has served before."""


class UnknownTransaction(Exception):
    """Nothing goes by that reference."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One call over the wire, as seen by Chapa; status is None if nobody answered."""

    direction: Literal["in", "out"]
    method: str
    path: str
    status: int | None
    body: Any
    at: datetime = field(default_factory=utc_now)


class SandboxState:
    """Safe to use from any thread; what it hands out never changes afterwards."""

    def __init__(self) -> None:
        self._lock = RLock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self.scenario: Faults = NO_FAULTS
            self._transactions: dict[str, Transaction] = {}
            self._log: deque[Exchange] = deque(maxlen=1000)

    def faults_of(self, transaction: Transaction) -> Faults:
        return self.scenario | transaction.faults

    def open(self, transaction: Transaction) -> None:
        with self._lock:
            if transaction.tx_ref in self._transactions:
                raise ReferenceUsed
            self._transactions[transaction.tx_ref] = transaction

    def transactions(self) -> list[Transaction]:
        """Return all of them, newest first."""
        with self._lock:
            return list(reversed(self._transactions.values()))

    def by_tx_ref(self, tx_ref: str) -> Transaction:
        with self._lock:
            try:
                return self._transactions[tx_ref]
            except KeyError:
                raise UnknownTransaction from None

    def by_any_reference(self, reference: str) -> Transaction:
        """Find it by the shop's reference or by Chapa's, as the refund call does."""
        for transaction in self.transactions():
            if reference in (transaction.tx_ref, transaction.reference):
                return transaction
        raise UnknownTransaction

    def change(self, tx_ref: str, step: Callable[[Transaction], Transaction]) -> Transaction:
        """Take one step from the present state, with nobody stepping in between."""
        with self._lock:
            changed = step(self.by_tx_ref(tx_ref))
            self._transactions[tx_ref] = changed
            return changed

    def refund(self, tx_ref: str, refund: Refund) -> Transaction:
        """Pay it back, unless the shop has used its reference for another refund."""
        with self._lock:
            used = {it.merchant_reference for _, it in self._refunds()} - {None}
            if refund.merchant_reference in used:
                raise ReferenceUsed
            return self.change(tx_ref, lambda it: it.refund(refund))

    def refund_by_id(self, ref_id: str) -> tuple[Transaction, Refund]:
        for transaction, refund in self._refunds():
            if refund.ref_id == ref_id:
                return transaction, refund
        raise UnknownTransaction

    def _refunds(self) -> Iterator[tuple[Transaction, Refund]]:
        return ((it, refund) for it in self.transactions() for refund in it.refunds)

    def record(self, exchange: Exchange) -> None:
        with self._lock:
            self._log.append(exchange)
        logger.info(
            "%s %s %s %s", exchange.direction, exchange.method, exchange.path, exchange.status
        )

    def log(self) -> list[Exchange]:
        """Return what went over the wire, oldest first."""
        with self._lock:
            return list(self._log)
