from nexus.adapters.sql.repository import SqlRepository


class SqlCoupons(SqlRepository): ...
