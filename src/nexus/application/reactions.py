"""Which events ask for what. Reactions are named, since the outbox keeps the names."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from nexus.application.ports.system import OwedReaction


class Reaction(Protocol):
    """Does what one event asks for. It may be run twice, so a second time changes nothing."""

    def __call__(self, *, owed: OwedReaction) -> None: ...


REACTIONS: Mapping[str, Sequence[str]] = {
    "customer.registered": ("send_verification", "tell_staff_of_new_user"),
    "internal.verification_requested": ("send_verification",),
    "internal.account_exists": ("send_account_exists",),
    "internal.email_verified": ("send_welcome",),
    "internal.link_requested": ("answer_link_request",),
    "internal.password_reset_requested": ("send_password_reset",),
    "internal.password_changed": ("send_password_changed",),
    "internal.password_reset": ("send_password_changed",),
    "internal.email_change_requested": ("send_email_confirmation",),
    "internal.email_changed": ("tell_old_address",),
    "order.placed": ("send_order_confirmation",),
    "order.status_changed": ("verify_purchases",),
    "stock.back": ("call_waiting",),
    "internal.product_offered": ("look_again",),
    "internal.stock_alert_overtaken": ("call_waiting",),
    "internal.stock_alert_due": ("send_back_in_stock",),
    "payment.succeeded": ("send_payment_received",),
    "payment.failed": ("send_payment_failed",),
    "internal.job_queued": ("run_job",),
    "stock.low": ("tell_staff_of_low_stock",),
    "internal.webhook_received": ("handle_webhook",),
    "internal.pictures_dropped": ("remove_pictures",),
}
