"""How many there are of what was asked for, counted once for an edition of the catalogue."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from time import time

from nexus.application.ports.ready import Editions, Freshness, ReadyAnswer, ReadyAnswers

# However long answers are kept, a page never waits for what is counted alike for each of them. A
# count that depends on the stock may be behind the sales for as long as a list may.
ALWAYS, BUT_FOR_SALES = Freshness(300), Freshness(300, sales=1.0)


@dataclass(frozen=True)
class KeptCounts:
    """Keeps counts beside the answers that they stand in."""

    answers: ReadyAnswers
    editions: Editions

    def __call__(self, question: str, count: Callable[[], int], *, of_stock: bool) -> int:
        """Return what was counted for this question before, or count it."""
        edition = self.editions.current()
        if edition is None:
            return count()
        key = f"count:{blake2b(question.encode(errors='replace'), digest_size=16).hexdigest()}"
        if found := self.answers.find(key, edition):
            return int(found.body)
        number = count()
        freshness = BUT_FOR_SALES if of_stock else ALWAYS
        made = ReadyAnswer(b"%d" % number, "", "", edition, time(), freshness)
        self.answers.keep(key, made)
        return number
