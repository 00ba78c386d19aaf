"""One transaction of PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Engine

from nexus.adapters.sql.addresses import SqlAddresses
from nexus.adapters.sql.answers import conclude
from nexus.adapters.sql.api_tokens import SqlApiTokens
from nexus.adapters.sql.audit import write_down
from nexus.adapters.sql.batches import SqlProductBatches
from nexus.adapters.sql.carts import SqlCarts
from nexus.adapters.sql.categories import SqlCategories
from nexus.adapters.sql.changes import Announce, announced, note
from nexus.adapters.sql.collections import SqlCollections
from nexus.adapters.sql.coupons import SqlCoupons
from nexus.adapters.sql.errors import refusals
from nexus.adapters.sql.factors import SqlTotpFactors
from nexus.adapters.sql.images import SqlImages
from nexus.adapters.sql.inbox import SqlInbox
from nexus.adapters.sql.jobs import SqlJobs
from nexus.adapters.sql.locations import SqlLocations
from nexus.adapters.sql.one_time_tokens import SqlOneTimeTokens
from nexus.adapters.sql.orders import SqlOrders
from nexus.adapters.sql.outbox import publish
from nexus.adapters.sql.payments import SqlPayments
from nexus.adapters.sql.recommendations import SqlViews
from nexus.adapters.sql.reviews import SqlReviews
from nexus.adapters.sql.sessions import SqlSessions
from nexus.adapters.sql.stock import SqlStock
from nexus.adapters.sql.stock_alerts import SqlStockAlerts
from nexus.adapters.sql.users import SqlUsers
from nexus.adapters.sql.wishlists import SqlWishlists
from nexus.application.audit import security_deeds
from nexus.application.ports.audit import Deed, WhoActs
from nexus.application.ports.system import AttemptInHand
from nexus.application.ports.work import Work
from nexus.domain.shared import Event


@contextmanager
def sql_work(
    engine: Engine,
    order_number_format: str,
    who: WhoActs,
    in_hand: AttemptInHand,
    announce: Announce,
) -> Iterator[Work]:
    """Begin; commit with the events in the outbox, or roll back; speak the domain's refusals.

    What an attempt does is committed together with its outcome, if no other has its slot.
    Once it is committed, announce what shoppers are shown from now on.
    """
    happened: list[Event] = []
    deeds: list[Deed] = []
    outcomes: list[UUID] = []
    with announced(announce) as changed, refusals(), engine.begin() as db:
        note(db, changed)
        yield Work(
            users=SqlUsers(db, happened),
            sessions=SqlSessions(db, happened),
            factors=SqlTotpFactors(db, happened),
            api_tokens=SqlApiTokens(db, happened),
            one_time_tokens=SqlOneTimeTokens(db, happened),
            addresses=SqlAddresses(db, happened),
            reviews=SqlReviews(db, happened),
            wishlists=SqlWishlists(db, happened),
            stock_alerts=SqlStockAlerts(db, happened),
            categories=SqlCategories(db, happened),
            products=SqlProductBatches(db, happened),
            locations=SqlLocations(db, happened),
            images=SqlImages(db, happened),
            collections=SqlCollections(db, happened),
            stock=SqlStock(db, happened),
            carts=SqlCarts(db, happened),
            coupons=SqlCoupons(db, happened),
            orders=SqlOrders(db, happened, order_number_format),
            payments=SqlPayments(db, happened),
            inbox=SqlInbox(db, happened),
            views=SqlViews(db, happened),
            jobs=SqlJobs(db, happened),
            publish=happened.append,
            record=deeds.append,
            conclude=outcomes.append,
        )
        if attempt := in_hand():
            conclude(db, attempt, next(iter(outcomes), None), happened)
        else:
            publish(db, happened)
        write_down(db, [*deeds, *security_deeds(happened)], who())
