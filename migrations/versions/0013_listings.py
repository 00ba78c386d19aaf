"""listings"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# The currencies that have not two digits are named in nexus.domain.shared as well.
MONEY = """
CREATE FUNCTION nexus_money(minor bigint, currency text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN currency IN ('JPY', 'KRW', 'UGX', 'RWF', 'DJF') THEN minor::text
        WHEN currency IN ('BHD', 'KWD', 'OMR') THEN (minor * 0.001)::text
        ELSE (minor * 0.01)::text
    END
$$
"""
MOMENT = """
CREATE FUNCTION nexus_moment(at timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', CASE
        WHEN date_trunc('second', at) = at THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
        ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
    END)
$$
"""


def upgrade() -> None:
    op.execute(MONEY)
    op.execute(MOMENT)


def downgrade() -> None:
    op.execute("DROP FUNCTION nexus_moment(timestamptz)")
    op.execute("DROP FUNCTION nexus_money(bigint, text)")
