"""The metadata that every table hangs on, and the column types they share."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CHAR, BigInteger, Column, DateTime, Integer, MetaData, TypeDecorator, Uuid

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A point in time: UTC in, UTC out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value and value.astimezone(UTC)


def identity() -> Column[Any]:
    return Column("id", Uuid, primary_key=True)


def version() -> Column[Any]:
    return Column("version", Integer, nullable=False, server_default="0")


def minor(name: str, *, nullable: bool = False) -> Column[Any]:
    """An amount of money in minor units, named without the suffix."""
    return Column(f"{name}_minor", BigInteger, nullable=nullable)


def currency() -> Column[Any]:
    return Column("currency", CHAR(3), nullable=False)
