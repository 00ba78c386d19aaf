from nexus.adapters.sql.repository import SqlRepository


class SqlInbox(SqlRepository): ...
