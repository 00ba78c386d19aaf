"""The shop's books, each with the question that only wrong rows answer."""

from collections.abc import Mapping

from sqlalchemy import text

from nexus.adapters.sql.listings import listings
from nexus.adapters.sql.queries.reading import SqlQueries

MOST_SHOWN = 20

# What was sold is counted from time to time.
_LISTED = ", ".join(it.name for it in listings.c if it.name != "sold")

# Whatever is late is looked at after the time that the scheduler needs to see to it.
BOOKS: Mapping[str, str] = {
    "Every stock level is the sum of its movements": """
        SELECT s.variant_id FROM stock_items s
        LEFT JOIN stock_movements m USING (variant_id)
        GROUP BY s.variant_id
        HAVING s.on_hand <> coalesce(sum(m.total_delta), 0)
            OR s.reserved <> coalesce(sum(m.reserved_delta), 0)""",
    "What lies at each place is the sum of its movements": """
        SELECT l.variant_id FROM stock_levels l
        LEFT JOIN stock_movements m USING (variant_id, location_id)
        GROUP BY l.variant_id, l.location_id
        HAVING l.on_hand <> coalesce(sum(m.on_hand_delta), 0)
            OR l.reserved <> coalesce(sum(m.reserved_delta), 0)""",
    "Every stock level is the sum of what active places hold": """
        SELECT s.variant_id FROM stock_items s
        LEFT JOIN stock_levels l ON l.variant_id = s.variant_id AND l.location_id IN (
            SELECT id FROM locations WHERE is_active)
        GROUP BY s.variant_id
        HAVING s.on_hand <> coalesce(sum(l.on_hand), 0)
            OR s.reserved <> coalesce(sum(l.reserved), 0)""",
    "A place is part of the totals while it is active": """
        SELECT l.variant_id FROM stock_levels l JOIN locations p ON p.id = l.location_id
        WHERE l.is_offered <> p.is_active""",
    "What is reserved is what orders hold, at each place": """
        SELECT l.variant_id FROM stock_levels l
        LEFT JOIN reservations r ON r.variant_id = l.variant_id
            AND r.location_id = l.location_id AND r.state = 'active'
        GROUP BY l.variant_id, l.location_id
        HAVING l.reserved <> coalesce(sum(r.quantity), 0)""",
    "No order holds stock beyond its time": """
        SELECT order_id FROM reservations
        WHERE state = 'active' AND expires_at < now() - interval '2 minutes'""",
    "Every listing says what its product does": f"""
        SELECT product_id FROM (
            (SELECT {_LISTED} FROM true_listings EXCEPT SELECT {_LISTED} FROM listings) UNION ALL
            (SELECT {_LISTED} FROM listings EXCEPT SELECT {_LISTED} FROM true_listings)
        ) AS it""",
    "A category's count is the number of active listings in it": """
        SELECT coalesce(l.category_id, c.category_id) FROM (
            SELECT category_id, count(*) AS products FROM listings WHERE is_active GROUP BY 1
        ) AS l FULL JOIN listing_counts c USING (category_id)
        WHERE coalesce(l.products, 0) <> coalesce(c.products, 0)""",
    "Every sale begins and ends in time": """
        SELECT id FROM products WHERE price_turns_at < now() - interval '2 minutes'
        UNION ALL
        SELECT id FROM variants WHERE price_turns_at < now() - interval '2 minutes'""",
    "Every order is the sum of its lines and its shipping": """
        SELECT o.id FROM orders o JOIN order_lines l ON l.order_id = o.id GROUP BY o.id
        HAVING o.total_minor <> o.shipping_minor + sum(l.total_minor)
            OR o.discount_minor <> sum(l.discount_minor)
            OR o.subtotal_minor <> sum(l.unit_price_minor * l.quantity)""",
    "Every paid order has one payment of its total, or nothing to pay": """
        SELECT o.id FROM orders o
        LEFT JOIN payments p ON p.order_id = o.id
            AND p.status = 'succeeded' AND p.unmatched_reason IS NULL
        WHERE (o.payment_status = 'paid' AND o.total_minor > 0) OR p.id IS NOT NULL
        GROUP BY o.id
        HAVING count(p.id) <> 1 OR min(p.amount_minor) <> o.total_minor
            OR min(p.currency) <> o.currency OR o.payment_status <> 'paid'""",
    "A coupon's count is the number of orders that use it": """
        SELECT c.id FROM coupons c
        LEFT JOIN coupon_redemptions r ON r.coupon_id = c.id AND r.returned_at IS NULL
        GROUP BY c.id HAVING c.used_count <> count(r.order_id)""",
    "Every order begins its timeline": """
        SELECT o.id FROM orders o WHERE NOT EXISTS (
            SELECT FROM order_timeline t WHERE t.order_id = o.id AND t.event = 'order.placed')""",
    "Every rating is what its reviews come to": """
        SELECT p.id FROM products p
        LEFT JOIN reviews r ON r.product_id = p.id AND NOT r.is_hidden
        GROUP BY p.id
        HAVING p.rating_count <> count(r.id)
            OR p.rating_average IS DISTINCT FROM round(avg(r.rating), 2)""",
    "A review's count is the number of those it helped": """
        SELECT r.id FROM reviews r LEFT JOIN review_votes v ON v.review_id = r.id
        GROUP BY r.id HAVING r.helpful_count <> count(v.voter_id)""",
    "Every event was handed on": """
        SELECT id FROM outbox
        WHERE expanded_at IS NULL AND occurred_at < now() - interval '2 minutes'""",
    "No reaction is late or dead": """
        SELECT id FROM reactions WHERE status = 'dead'
            OR (status = 'owed' AND due_at < now() - interval '2 minutes')""",
}


class SqlBooks(SqlQueries):
    names = tuple(BOOKS)

    def wrong(self, book: str) -> list[str]:
        """Return the ids of rows that contradict a book, at most MOST_SHOWN."""
        found = self._all(text(f"{BOOKS[book]} LIMIT {MOST_SHOWN}"))
        return [str(row[0]) for row in found]
