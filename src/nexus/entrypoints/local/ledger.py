"""The stock as staff see it over HTTP: its level, and the movements that it must be the sum of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nexus.entrypoints.local.till import Caller, require


@dataclass(frozen=True)
class Ledger:
    staff: Caller

    def make_room(self, variant: Mapping[str, Any], *, least: int) -> None:
        """Receive some more of a variant that runs short."""
        if variant["available"] < least:
            body = {"delta": 2 * least, "reason": "received", "note": "Make room for the demo"}
            path = f"/variants/{variant['id']}/stock/adjustments"
            self.staff.call("POST", path, json=body, expect=201)

    def of_order(self, order_id: str, variant_id: str) -> list[tuple[int, int]]:
        """Return what an order did to (the shelf, the promises) of a variant, oldest first."""
        path = f"/variants/{variant_id}/stock/movements"
        page = self.staff.call("GET", path, params={"page_size": 100})
        mine = [it for it in page["results"] if it["order_id"] == order_id]
        return [(it["delta"], it["reserved_delta"]) for it in reversed(mine)]

    def require_level(self, variant_id: str) -> None:
        """Raise Lie unless the level is the sum of all the movements there were."""
        path = f"/variants/{variant_id}/stock"
        level = self.staff.call("GET", path)
        shelf = promised = 0
        page = f"{path}/movements?page_size=100"
        while page:
            found = self.staff.call("GET", page)
            shelf += sum(it["delta"] for it in found["results"])
            promised += sum(it["reserved_delta"] for it in found["results"])
            page = found["next"]
        there = (level["on_hand"], level["reserved"])
        require((shelf, promised) == there, f"the ledger says {shelf, promised}, the level {there}")
