from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    select,
)

from nexus.adapters.sql.errors import refuse_duplicate
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.domain.locations import CODE_MAX, MAIN, MAIN_CODE, Location, LocationNotFound
from nexus.domain.slugs import read_id

locations = Table(
    "locations",
    metadata,
    identity(),
    Column("code", String(CODE_MAX), nullable=False),
    Column("name", String(200), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("address", Text, nullable=False),
    Column("removed_at", Moment),
    version(),
    CheckConstraint(
        f"(id = '{MAIN}') = (code = '{MAIN_CODE}' AND is_active AND removed_at IS NULL)",
        name="main",
    ),
    CheckConstraint("removed_at IS NULL OR NOT is_active", name="removed"),
)
Index(
    "uq_locations_code",
    locations.c.code,
    unique=True,
    postgresql_where=locations.c.removed_at.is_(None),
)
refuse_duplicate("uq_locations_code", "code")
# No other place is called main: that is looked at before it is seen that there is one.
refuse_duplicate("ck_locations_main", "code")
stock_levels = Table(
    "stock_levels",
    metadata,
    Column("variant_id", ForeignKey("stock_items.variant_id", ondelete="CASCADE"), nullable=False),
    Column("location_id", ForeignKey("locations.id"), nullable=False),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    # It follows the place's activity under the lock of the total, which orders wait for.
    Column("is_offered", Boolean, nullable=False),
    PrimaryKeyConstraint("variant_id", "location_id"),
    CheckConstraint("reserved between 0 and on_hand", name="reserved"),
    CheckConstraint("is_offered OR reserved = 0", name="offered"),
    Index("ix_stock_levels_location_id", "location_id", "variant_id"),
)


class SqlLocations(SqlRepository):
    def add(self, location: Location) -> None:
        self._insert(locations, location, _row(location) | {"id": location.id})

    def save(self, location: Location) -> None:
        self._update(locations, location, location.id, _row(location))

    def lock(self, key: str) -> Location:
        return self._locked(key, read=False)

    def lock_as_it_is(self, key: str) -> Location:
        return self._locked(key, read=True)

    def _locked(self, key: str, *, read: bool) -> Location:
        query = select(locations).where(named(key))
        row = self._db.execute(query.with_for_update(read=read, key_share=not read)).first()
        if row is None:
            raise LocationNotFound(key)
        return Location(**row._mapping)


def named(key: str) -> ColumnElement[bool]:
    """Match the place of this id or code that has not been removed."""
    id_ = read_id(key)
    mine = locations.c.id == id_ if id_ else locations.c.code == key
    return mine & locations.c.removed_at.is_(None)


_COLUMNS = ("code", "name", "priority", "is_active", "address", "removed_at")


def _row(location: Location) -> Row:
    return {name: getattr(location, name) for name in _COLUMNS}
