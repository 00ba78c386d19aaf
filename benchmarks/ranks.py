"""Whether two samples could have come from the same place (Mann and Whitney, 1947)."""

from collections.abc import Sequence
from math import erfc, sqrt


def same_place(one: Sequence[float], other: Sequence[float]) -> float:
    """Return p: how often samples of one place differ in rank as much as these do, or more."""
    ranked = sorted([(it, True) for it in one] + [(it, False) for it in other])
    ranks = sum(rank for rank, (_, is_one) in enumerate(ranked, start=1) if is_one)
    n, m = len(one), len(other)
    statistic = ranks - n * (n + 1) / 2
    deviation = sqrt(n * m * (n + m + 1) / 12)
    return erfc(abs(statistic - n * m / 2) / deviation / sqrt(2))
