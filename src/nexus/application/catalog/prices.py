from dataclasses import dataclass

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork

AT_ONCE = 500


@dataclass(frozen=True)
class TurnPrices:
    """Begin the sales that are due, and end those that are over; return how many products turned.

    Several may run at once: each takes what no other has in hand.
    """

    start_work: StartWork
    now: Clock

    def __call__(self) -> int:
        turned = batch = self._turn_some()
        while batch == AT_ONCE:
            turned += (batch := self._turn_some())
        return turned

    def _turn_some(self) -> int:
        at = self.now()
        with self.start_work() as work:
            due = work.products.lock_turning(at, most=AT_ONCE)
            variants = [it for _, of_it in due for it in of_it]
            # Writing anything asks what is to be asked by now.
            for product, _ in due:
                product.touch(at=at)
            for variant in variants:
                variant.change({}, at=at)
            work.products.save_all([product for product, _ in due])
            work.products.save_variants(variants)
            return len(due)
