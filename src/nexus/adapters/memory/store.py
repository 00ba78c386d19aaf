"""A shop's data in memory. tests/contracts holds it to the same promises as SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from uuid import UUID

from nexus.adapters.memory.catalog import MemoryCategories, MemoryProducts
from nexus.adapters.memory.collections import MemoryCollections
from nexus.adapters.memory.community import MemoryReviews, MemoryStockAlerts, MemoryWishlists
from nexus.adapters.memory.credentials import (
    MemoryApiTokens,
    MemorySessions,
    MemoryTotpFactors,
)
from nexus.adapters.memory.identity import (
    MemoryAddresses,
    MemoryOneTimeTokens,
    MemoryUsers,
)
from nexus.adapters.memory.images import MemoryImages
from nexus.adapters.memory.inventory import MemoryLocations, MemoryStock
from nexus.adapters.memory.jobs import MemoryJobs
from nexus.adapters.memory.payments import MemoryInbox, MemoryPayments
from nexus.adapters.memory.recommendations import MemoryViews
from nexus.adapters.memory.shopping import MemoryCarts, MemoryCoupons, MemoryOrders
from nexus.adapters.memory.tables import Tables
from nexus.application.audit import security_deeds
from nexus.application.ports.audit import Deed
from nexus.application.ports.work import Work
from nexus.domain.locations import MAIN, Location
from nexus.domain.shared import Event


class MemoryStore:
    """Calling it starts work on a copy, which an exception throws away."""

    def __init__(self) -> None:
        self._kept = Tables()
        self._kept.table("locations").insert(MAIN, Location.main())
        self.events: list[Event] = []
        self.deeds: list[Deed] = []
        self.outcomes: list[UUID] = []

    @contextmanager
    def __call__(self) -> Iterator[Work]:
        tables = deepcopy(self._kept)
        happened = tables.happened
        deeds: list[Deed] = []
        outcomes: list[UUID] = []
        yield Work(
            users=MemoryUsers(tables),
            sessions=MemorySessions(tables),
            factors=MemoryTotpFactors(tables),
            api_tokens=MemoryApiTokens(tables),
            one_time_tokens=MemoryOneTimeTokens(tables),
            addresses=MemoryAddresses(tables),
            reviews=MemoryReviews(tables),
            wishlists=MemoryWishlists(tables),
            stock_alerts=MemoryStockAlerts(tables),
            categories=MemoryCategories(tables),
            products=MemoryProducts(tables),
            locations=MemoryLocations(tables),
            images=MemoryImages(tables),
            collections=MemoryCollections(tables),
            stock=MemoryStock(tables),
            carts=MemoryCarts(tables),
            coupons=MemoryCoupons(tables),
            orders=MemoryOrders(tables),
            payments=MemoryPayments(tables),
            inbox=MemoryInbox(tables),
            views=MemoryViews(tables),
            jobs=MemoryJobs(tables),
            publish=happened.append,
            record=deeds.append,
            conclude=outcomes.append,
        )
        self.events += happened
        self.deeds += [*deeds, *security_deeds(happened)]
        self.outcomes += outcomes
        happened.clear()
        self._kept = tables
