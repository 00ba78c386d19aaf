"""What helps people find things before they know what to ask for."""

from dataclasses import dataclass
from typing import Protocol

SUGGESTED = 10


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Products and categories for somebody who is still typing, as JSON."""

    document: str


class DiscoveryQueries(Protocol):
    def suggestions(self, typed: str) -> Suggestions:
        """Return what begins so, the popular first; or is like it, where nothing does.

        There are SUGGESTED of them at most.
        """
