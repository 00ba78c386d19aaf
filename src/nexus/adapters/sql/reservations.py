"""What orders hold of the stock, and the two statements that change it with its ledger."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Uuid,
    text,
)

from nexus.adapters.sql.changes import WRITES
from nexus.adapters.sql.errors import REFUSALS
from nexus.adapters.sql.schema import Moment, metadata
from nexus.domain.shared import Stale

reservations = Table(
    "reservations",
    metadata,
    Column("order_id", Uuid, nullable=False),
    Column("variant_id", ForeignKey("variants.id"), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("expires_at", Moment, nullable=False),
    PrimaryKeyConstraint("order_id", "variant_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("state in ('active', 'consumed', 'released')", name="state"),
    Index("ix_reservations_variant_id", "variant_id"),
)
# An order took hold of the variant while it was being removed.
REFUSALS["fk_reservations_variant_id"] = Stale

# All rows are locked in the order of their ids, or two orders could wait for each other; whoever
# waited sees what the other left, and nothing is written unless every line can be had. Levels are
# set from the locked rows: an UPDATE checks its constraints against the row of its snapshot first,
# and would refuse what somebody has just given back.
RESERVE = text("""
WITH wanted AS (
    SELECT * FROM unnest(CAST(:variant_ids AS uuid[]), CAST(:quantities AS int[]))
        AS it (variant_id, quantity)
), held AS (
    SELECT s.variant_id, s.on_hand, s.reserved, s.threshold, s.low
    FROM stock_items s JOIN wanted USING (variant_id)
    ORDER BY s.variant_id FOR UPDATE OF s
), checked AS (
    SELECT wanted.*, on_hand, reserved, coalesce(on_hand - reserved, 0) AS available, threshold, low
    FROM wanted LEFT JOIN held USING (variant_id)
), verdict AS (
    SELECT bool_and(quantity <= available) AS suffices FROM checked
), changed AS (
    UPDATE stock_items s
    SET on_hand = it.on_hand,
        reserved = it.reserved + it.quantity,
        low = it.available - it.quantity <= it.threshold,
        version = s.version + 1
    FROM checked it, verdict
    WHERE verdict.suffices AND s.variant_id = it.variant_id
    RETURNING s.variant_id, it.quantity, s.on_hand, s.reserved
), moved AS (
    INSERT INTO stock_movements (id, variant_id, on_hand_delta, reserved_delta, reason, order_id,
                                 created_at, on_hand_after, reserved_after)
    SELECT nexus_new_id(), variant_id, 0, quantity, 'reserved', :order_id, :at, on_hand, reserved
    FROM changed
), kept AS (
    INSERT INTO reservations AS r (order_id, variant_id, quantity, state, expires_at)
    SELECT :order_id, variant_id, quantity, 'active', :until FROM changed
    ON CONFLICT (order_id, variant_id) DO UPDATE
    SET quantity = excluded.quantity, state = 'active', expires_at = excluded.expires_at
    WHERE r.state = 'released'
    RETURNING r.variant_id
)
SELECT variant_id, quantity, it.available, threshold, v.sku,
       NOT low AND it.available - quantity <= threshold AS ran_low,
       variant_id IN (SELECT variant_id FROM kept) AS is_kept
FROM checked it LEFT JOIN variants v ON v.id = it.variant_id
ORDER BY variant_id
""").execution_options(**{WRITES: "stock_items"})

# The reservations are locked first: whoever comes second finds none active any more.
SETTLE = text("""
WITH mine AS (
    SELECT variant_id, quantity FROM reservations
    WHERE order_id = :order_id AND state = 'active'
    ORDER BY variant_id FOR UPDATE
), held AS (
    SELECT s.variant_id, s.on_hand - mine.quantity * :taken AS on_hand,
           s.reserved - mine.quantity AS reserved, mine.quantity, s.threshold,
           s.on_hand = s.reserved AS was_out
    FROM stock_items s JOIN mine USING (variant_id)
    ORDER BY s.variant_id FOR UPDATE OF s
), changed AS (
    UPDATE stock_items s
    SET on_hand = it.on_hand,
        reserved = it.reserved,
        sold = s.sold + it.quantity * :taken,
        low = it.on_hand - it.reserved <= it.threshold,
        version = s.version + 1
    FROM held it WHERE s.variant_id = it.variant_id
    RETURNING s.variant_id, it.quantity, s.on_hand, s.reserved, it.was_out
), moved AS (
    INSERT INTO stock_movements (id, variant_id, on_hand_delta, reserved_delta, reason, order_id,
                                 created_at, on_hand_after, reserved_after)
    SELECT nexus_new_id(), variant_id, -quantity * :taken, -quantity, :reason, :order_id, :at,
           on_hand, reserved
    FROM changed
), settled AS (
    UPDATE reservations r SET state = :state FROM changed
    WHERE r.order_id = :order_id AND r.variant_id = changed.variant_id
)
SELECT variant_id, v.sku, on_hand - reserved AS available,
       was_out AND on_hand > reserved AS came_back
FROM changed JOIN variants v ON v.id = variant_id
ORDER BY variant_id
""").execution_options(**{WRITES: "stock_items"})
