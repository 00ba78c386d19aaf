from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One thing that the shop needs; `ensure` says whether it had to be made."""

    kind: str
    name: str
    ensure: Callable[[], bool]
