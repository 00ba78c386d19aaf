"""A repeated request is answered, not repeated (contract, Conventions)."""

from dataclasses import dataclass

from nexus.domain.shared import Conflict, Invalid


class IdempotencyKeyReused(Invalid): ...


@dataclass(eq=False)
class IdempotencyInProgress(Conflict): ...
