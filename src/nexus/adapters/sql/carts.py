from nexus.adapters.sql.repository import SqlRepository


class SqlCarts(SqlRepository): ...
