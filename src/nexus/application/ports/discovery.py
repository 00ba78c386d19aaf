"""What helps people find things before they know what to ask for."""

from dataclasses import dataclass
from typing import Protocol

from nexus.application.ports.catalog import ProductFilter

SUGGESTED = 10


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Products and categories for somebody who is still typing, as JSON."""

    document: str


@dataclass(frozen=True, slots=True)
class Facets:
    """How many products each further filter would leave, as JSON."""

    document: str


class DiscoveryQueries(Protocol):
    def suggestions(self, typed: str) -> Suggestions:
        """Return what begins so, the popular first; or is like it, where nothing does.

        There are SUGGESTED of them at most.
        """

    def facets(self, wanted: ProductFilter, *, hidden: bool) -> Facets:
        """Count the values of each facet among what is wanted, but for what it chooses itself."""
