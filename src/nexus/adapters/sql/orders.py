from sqlalchemy import Connection

from nexus.adapters.sql.repository import SqlRepository
from nexus.domain.shared import Event


class SqlOrders(SqlRepository):
    def __init__(self, db: Connection, happened: list[Event], number_format: str) -> None:
        super().__init__(db, happened)
        self._number_format = number_format
