from nexus.adapters.sql.repository import SqlRepository


class SqlUsers(SqlRepository): ...
