from nexus.adapters.sql.repository import SqlRepository


class SqlSessions(SqlRepository): ...
