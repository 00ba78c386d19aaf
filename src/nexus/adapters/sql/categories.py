from nexus.adapters.sql.repository import SqlRepository


class SqlCategories(SqlRepository): ...
