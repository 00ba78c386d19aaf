from nexus.adapters.sql.repository import SqlRepository


class SqlPayments(SqlRepository): ...
