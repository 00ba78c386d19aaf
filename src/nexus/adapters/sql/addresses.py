from nexus.adapters.sql.repository import SqlRepository


class SqlAddresses(SqlRepository): ...
