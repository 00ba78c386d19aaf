from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    UniqueConstraint,
    delete,
    select,
)

from nexus.adapters.sql.errors import REFUSALS
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.schema import Moment, identity, metadata, version
from nexus.domain.factors import SecondFactorExists, TotpFactor

totp_factors = Table(
    "totp_factors",
    metadata,
    identity(),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("sealed_secret", String(255), nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("wrong_codes", Integer, nullable=False, server_default="0"),
    Column("wrong_at", Moment),
    Column("recovery_hashes", ARRAY(CHAR(64)), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    version(),
    UniqueConstraint("user_id"),
)
REFUSALS["uq_totp_factors_user_id"] = SecondFactorExists


class SqlTotpFactors(SqlRepository):
    def add(self, factor: TotpFactor) -> None:
        fixed = {
            "id": factor.id,
            "user_id": factor.user_id,
            "sealed_secret": factor.sealed_secret,
            "created_at": factor.created_at,
        }
        self._insert(totp_factors, factor, fixed | _row(factor))

    def save(self, factor: TotpFactor) -> None:
        self._update(totp_factors, factor, factor.id, _row(factor))

    def remove(self, factor: TotpFactor) -> None:
        self._db.execute(delete(totp_factors).where(totp_factors.c.id == factor.id))

    def lock(self, user_id: UUID) -> TotpFactor | None:
        query = select(totp_factors).where(totp_factors.c.user_id == user_id).with_for_update()
        row = self._db.execute(query).one_or_none()
        if row is None:
            return None
        return TotpFactor(
            **dict(row._mapping) | {"recovery_hashes": frozenset(row.recovery_hashes)}
        )


def _row(factor: TotpFactor) -> Row:
    return {
        "last_step": factor.last_step,
        "wrong_codes": factor.wrong_codes,
        "wrong_at": factor.wrong_at,
        "recovery_hashes": sorted(factor.recovery_hashes),
        "confirmed_at": factor.confirmed_at,
    }
