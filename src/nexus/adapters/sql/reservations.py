"""What orders hold of the stock, and the statements that change it with its ledger."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
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
    Column("variant_id", Uuid, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("expires_at", Moment, nullable=False),
    PrimaryKeyConstraint("order_id", "variant_id", "location_id"),
    ForeignKeyConstraint(
        ["variant_id", "location_id"], ["stock_levels.variant_id", "stock_levels.location_id"]
    ),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("state in ('active', 'consumed', 'released')", name="state"),
    Index("ix_reservations_variant_id", "variant_id"),
)
# An order took hold of the variant while it was being removed.
REFUSALS["fk_reservations_variant_id_location_id"] = Stale

# All totals are locked in the order of their ids, or two orders could wait for each other, and
# with a total all that lies at its places; whoever waited sees what the other left, and nothing
# is written unless every line can be had. Levels are set from the locked rows: an UPDATE checks
# its constraints against the row of its snapshot first, and would refuse what somebody has just
# given back. Which place serves what is told in words at `drawn`.
RESERVE = text("""
WITH wanted AS (
    SELECT * FROM unnest(CAST(:variant_ids AS uuid[]), CAST(:quantities AS int[]))
        AS it (variant_id, quantity)
), held AS (
    SELECT s.variant_id, wanted.quantity, s.on_hand, s.reserved, s.threshold, s.low
    FROM stock_items s JOIN wanted USING (variant_id)
    ORDER BY s.variant_id FOR UPDATE OF s
), places AS (
    SELECT l.variant_id, l.location_id, l.on_hand, l.reserved, l.on_hand - l.reserved AS available,
           p.priority, held.quantity, held.on_hand AS total, held.reserved AS promised
    FROM held JOIN stock_levels l USING (variant_id) JOIN locations p ON p.id = l.location_id
    WHERE l.is_offered FOR UPDATE OF l
), whole AS (
    SELECT location_id FROM places WHERE available >= quantity
    GROUP BY priority, location_id HAVING count(*) = (SELECT count(*) FROM wanted)
    ORDER BY priority, location_id LIMIT 1
), ranked AS (
    SELECT places.*, coalesce(sum(available) OVER earlier, 0)::int AS before
    FROM places
    WINDOW earlier AS (
        PARTITION BY variant_id
        ORDER BY location_id IS DISTINCT FROM (SELECT location_id FROM whole),
                 available < quantity, priority, location_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), drawn AS (
    SELECT *, least(available, quantity - before) AS part
    FROM ranked WHERE available > 0 AND before < quantity
), checked AS (
    SELECT wanted.*, on_hand, reserved, coalesce(on_hand - reserved, 0) AS available, threshold,
           low, (SELECT coalesce(sum(part), 0) FROM drawn WHERE drawn.variant_id = it.variant_id)
               AS drawn
    FROM wanted LEFT JOIN held it USING (variant_id)
), verdict AS (
    SELECT bool_and(quantity <= drawn) AND NOT EXISTS (
        SELECT FROM reservations WHERE order_id = :order_id AND state <> 'released') AS suffices
    FROM checked
), changed AS (
    UPDATE stock_items s
    SET on_hand = it.on_hand,
        reserved = it.reserved + it.quantity,
        low = it.available - it.quantity <= it.threshold,
        version = s.version + 1
    FROM checked it, verdict
    WHERE verdict.suffices AND s.variant_id = it.variant_id
), placed AS (
    UPDATE stock_levels l
    SET on_hand = it.on_hand, reserved = it.reserved + it.part
    FROM drawn it, verdict
    WHERE verdict.suffices
        AND l.variant_id = it.variant_id AND l.location_id = it.location_id
    RETURNING it.*
), moved AS (
    INSERT INTO stock_movements (id, variant_id, location_id, on_hand_delta, reserved_delta,
                                 total_delta, reason, order_id, created_at, on_hand_after,
                                 reserved_after)
    SELECT nexus_new_id(), variant_id, location_id, 0, part, 0, 'reserved', :order_id, :at,
           total, promised + before + part
    FROM placed
), kept AS (
    INSERT INTO reservations AS r (order_id, variant_id, location_id, quantity, state, expires_at)
    SELECT :order_id, variant_id, location_id, part, 'active', :until FROM placed
    ON CONFLICT (order_id, variant_id, location_id) DO UPDATE
    SET quantity = excluded.quantity, state = 'active', expires_at = excluded.expires_at
    WHERE r.state = 'released'
    RETURNING r.variant_id
)
SELECT variant_id, quantity, it.available, drawn, threshold, v.sku,
       NOT low AND it.available - quantity <= threshold AS ran_low,
       verdict.suffices AND (SELECT count(*) FROM kept) = (SELECT count(*) FROM placed) AS is_kept
FROM verdict, checked it LEFT JOIN variants v ON v.id = it.variant_id
ORDER BY variant_id
""").execution_options(**{WRITES: "stock_items"})

# The reservations are locked first: whoever comes second finds none active any more. What is
# available never falls here, so nothing runs low.
SETTLE = text("""
WITH mine AS (
    SELECT variant_id, location_id, quantity FROM reservations
    WHERE order_id = :order_id AND state = 'active'
    ORDER BY variant_id, location_id FOR UPDATE
), lines AS (
    SELECT variant_id, sum(quantity)::int AS quantity FROM mine GROUP BY variant_id
), held AS (
    SELECT s.variant_id, lines.quantity, s.on_hand, s.reserved, s.threshold
    FROM stock_items s JOIN lines USING (variant_id)
    ORDER BY s.variant_id FOR UPDATE OF s
), places AS (
    SELECT l.variant_id, l.location_id, l.on_hand, l.reserved, mine.quantity AS part,
           held.on_hand AS total, held.reserved AS promised
    FROM held JOIN mine USING (variant_id) JOIN stock_levels l USING (variant_id, location_id)
    FOR UPDATE OF l
), changed AS (
    UPDATE stock_items s
    SET on_hand = it.on_hand - it.quantity * :taken,
        reserved = it.reserved - it.quantity,
        sold = s.sold + it.quantity * :taken,
        low = it.on_hand - it.reserved + it.quantity * (1 - :taken) <= it.threshold,
        version = s.version + 1
    FROM held it WHERE s.variant_id = it.variant_id
    RETURNING s.variant_id, s.on_hand - s.reserved AS available, s.threshold,
              it.on_hand = it.reserved AS was_out
), placed AS (
    UPDATE stock_levels l
    SET on_hand = it.on_hand - it.part * :taken, reserved = it.reserved - it.part
    FROM places it WHERE l.variant_id = it.variant_id AND l.location_id = it.location_id
), moved AS (
    INSERT INTO stock_movements (id, variant_id, location_id, on_hand_delta, reserved_delta,
                                 total_delta, reason, order_id, created_at, on_hand_after,
                                 reserved_after)
    SELECT nexus_new_id(), variant_id, location_id, -part * :taken, -part, -part * :taken,
           :reason, :order_id, :at, total - :taken * sum(part) OVER so_far,
           promised - sum(part) OVER so_far
    FROM places WINDOW so_far AS (PARTITION BY variant_id ORDER BY location_id)
), settled AS (
    UPDATE reservations r SET state = :state FROM changed
    WHERE r.order_id = :order_id AND r.variant_id = changed.variant_id AND r.state = 'active'
)
SELECT variant_id, v.sku, available, threshold, was_out AND available > 0 AS came_back,
       false AS ran_low
FROM changed JOIN variants v ON v.id = variant_id
ORDER BY variant_id
""").execution_options(**{WRITES: "stock_items"})

# The place and the totals of all that lies there are locked before.
OFFER = text("""
WITH placed AS (
    UPDATE stock_levels SET is_offered = :is_offered
    WHERE location_id = :location_id AND is_offered <> :is_offered
    RETURNING variant_id, location_id, CASE WHEN is_offered THEN on_hand ELSE -on_hand END AS part
), changed AS (
    UPDATE stock_items s
    SET on_hand = it.on_hand + part,
        low = it.on_hand + part - it.reserved <= it.threshold,
        version = s.version + 1
    FROM stock_items it JOIN placed USING (variant_id)
    WHERE s.variant_id = it.variant_id AND part <> 0
    RETURNING s.variant_id, location_id, part, s.on_hand, s.reserved, s.threshold, s.low,
              it.low AS was_low, it.on_hand = it.reserved AS was_out
), moved AS (
    INSERT INTO stock_movements (id, variant_id, location_id, on_hand_delta, reserved_delta,
                                 total_delta, reason, created_at, on_hand_after, reserved_after)
    SELECT nexus_new_id(), variant_id, location_id, 0, 0, part, :reason, :at, on_hand, reserved
    FROM changed
)
SELECT variant_id, v.sku, on_hand - reserved AS available, threshold,
       was_out AND on_hand > reserved AS came_back, low AND NOT was_low AS ran_low
FROM changed JOIN variants v ON v.id = variant_id
ORDER BY variant_id
""").execution_options(**{WRITES: "stock_items"})
