from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nexus.adapters.memory.tables import Tables
from nexus.application.ports.recommendations import MOST_VIEWS
from nexus.domain.catalog import ProductStatus
from nexus.domain.shared import Aggregate


@dataclass
class View(Aggregate):
    user_id: UUID
    product_id: UUID
    viewed_at: datetime


class MemoryViews:
    def __init__(self, tables: Tables) -> None:
        self._products = tables.table("products")
        self._views = tables.table("product_views")

    def note(self, user_id: UUID, product: str, *, at: datetime) -> None:
        found = self._products.first(lambda it: product in (str(it.id), it.facts.slug))
        if found is None or found.facts.status is not ProductStatus.ACTIVE:
            return
        self._views.insert((user_id, found.id), View(user_id, found.id, at))
        for it in self._of(user_id)[MOST_VIEWS:]:
            self._views.delete((user_id, it.product_id))

    def forget(self, user_id: UUID) -> None:
        for it in self._of(user_id):
            self._views.delete((user_id, it.product_id))

    def products_of(self, user_id: UUID) -> list[UUID]:
        return [it.product_id for it in self._of(user_id)]

    def _of(self, user_id: UUID) -> list[View]:
        mine: list[View] = self._views.where(lambda it: it.user_id == user_id)
        return sorted(mine, key=lambda it: it.viewed_at, reverse=True)
