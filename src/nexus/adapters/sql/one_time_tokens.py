from nexus.adapters.sql.repository import SqlRepository


class SqlOneTimeTokens(SqlRepository): ...
