from nexus.adapters.sql.repository import SqlRepository


class SqlStock(SqlRepository): ...
