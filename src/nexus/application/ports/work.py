"""One transaction, and all that can be done in it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

from nexus.application.ports.audit import Deed
from nexus.application.ports.catalog import Categories, Products
from nexus.application.ports.collections import Collections
from nexus.application.ports.community import Reviews, StockAlerts, Wishlists
from nexus.application.ports.credentials import ApiTokens, Sessions, TotpFactors
from nexus.application.ports.exchange import Jobs
from nexus.application.ports.identity import Addresses, OneTimeTokens, Users
from nexus.application.ports.images import Images
from nexus.application.ports.inventory import Locations, Stock
from nexus.application.ports.payments import Inbox, Payments
from nexus.application.ports.recommendations import Views
from nexus.application.ports.shopping import Carts, Coupons, Orders
from nexus.domain.shared import Event


@dataclass(frozen=True)
class Work:
    """The repositories, all within one transaction."""

    users: Users
    sessions: Sessions
    factors: TotpFactors
    api_tokens: ApiTokens
    one_time_tokens: OneTimeTokens
    addresses: Addresses
    reviews: Reviews
    wishlists: Wishlists
    stock_alerts: StockAlerts
    categories: Categories
    products: Products
    locations: Locations
    images: Images
    collections: Collections
    stock: Stock
    carts: Carts
    coupons: Coupons
    orders: Orders
    payments: Payments
    inbox: Inbox
    views: Views
    jobs: Jobs
    publish: Callable[[Event], None]
    """Leaves an event that no aggregate records in the outbox."""
    record: Callable[[Deed], None]
    """Leaves a line in the audit log; what staff save is recorded without it."""
    conclude: Callable[[UUID], None]
    """Names what this work leaves to be told of, for whoever repeats the request under its key.

    It belongs into the last work that a request does: after it nothing more is done.
    """


# Entering begins a transaction; leaving commits it, or rolls it back on an exception.
StartWork = Callable[[], AbstractContextManager[Work]]
