from nexus.adapters.sql.repository import SqlRepository


class SqlProducts(SqlRepository): ...
