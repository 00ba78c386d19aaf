from dataclasses import dataclass

from nexus.application.ports.catalog import Popularity

AT_ONCE = 500


@dataclass(frozen=True)
class CountSales:
    """Bring the order by popularity up to what was sold; return how many products moved in it."""

    popularity: Popularity

    def __call__(self) -> int:
        counted = 0
        while some := self.popularity.count_sales(most=AT_ONCE):
            counted += some
        return counted
