"""What follows from what has happened."""

from dependency_injector import providers

from nexus.application.idempotency import ForgetAnswers
from nexus.application.limits import WriteSparingly
from nexus.application.notifications import (
    SendEmailConfirmation,
    SendPasswordReset,
    SendVerification,
    TellOldAddress,
    TellStaffOfLowStock,
    TellStaffOfNewUser,
    WriteToBuyer,
    WriteToCustomer,
)
from nexus.application.outbox import ForgetDelivered, RelayEvents, RunReaction
from nexus.application.reactions import REACTIONS
from nexus.wiring.community import Community
from nexus.wiring.identity import Identity
from nexus.wiring.technology import Once


class Reactions(Community):
    write_to_customer = providers.Factory(
        WriteToCustomer,
        identity=Identity.identity_queries,
        mailer=Identity.mailer,
        link=Identity.settings.provided.public_url,
    )
    write_to_buyer = providers.Factory(
        WriteToBuyer,
        shopping=Identity.shopping_queries,
        tokens=Identity.order_tokens,
        mailer=Identity.mailer,
        public_url=Identity.settings.provided.public_url,
    )
    reactions = providers.Dict(
        handle_webhook=Identity.handle_webhook,
        remove_pictures=Identity.remove_pictures,
        run_job=Identity.run_job,
        send_verification=Once(
            WriteSparingly,
            Once(
                SendVerification,
                identity=Identity.identity_queries,
                issue_link=Identity.issue_verification,
                mailer=Identity.mailer,
                public_url=Identity.settings.provided.public_url,
            ),
            Identity.count_attempt,
        ),
        tell_staff_of_new_user=Once(
            TellStaffOfNewUser,
            identity=Identity.identity_queries,
            mailer=Identity.mailer,
            to=Identity.settings.provided.admin_alert_email,
            link=Identity.settings.provided.public_url,
        ),
        tell_staff_of_low_stock=Once(
            TellStaffOfLowStock,
            stock=Identity.stock_queries,
            mailer=Identity.mailer,
            to=Identity.settings.provided.admin_alert_email,
            link=Identity.settings.provided.public_url,
        ),
        verify_purchases=Community.verify_purchases,
        call_waiting=Community.call_waiting,
        look_again=Community.look_again,
        send_back_in_stock=Community.send_back_in_stock,
        answer_link_request=Identity.answer_link_request,
        send_password_reset=Once(
            WriteSparingly,
            Once(
                SendPasswordReset,
                identity=Identity.identity_queries,
                issue_link=Identity.issue_reset,
                mailer=Identity.mailer,
                public_url=Identity.settings.provided.public_url,
            ),
            Identity.count_attempt,
        ),
        send_email_confirmation=Once(
            SendEmailConfirmation,
            identity=Identity.identity_queries,
            issue_link=Identity.issue_email_change,
            mailer=Identity.mailer,
            public_url=Identity.settings.provided.public_url,
        ),
        tell_old_address=Once(
            TellOldAddress,
            identity=Identity.identity_queries,
            mailer=Identity.mailer,
            link=Identity.settings.provided.public_url,
        ),
        send_password_changed=providers.Factory(write_to_customer, kind="password_changed"),
        send_account_exists=Once(
            WriteSparingly,
            providers.Factory(write_to_customer, kind="account_exists"),
            Identity.count_attempt,
        ),
        send_welcome=providers.Factory(write_to_customer, kind="welcome"),
        send_order_confirmation=providers.Factory(write_to_buyer, kind="order_confirmation"),
        send_payment_received=providers.Factory(write_to_buyer, kind="payment_received"),
        send_payment_failed=providers.Factory(write_to_buyer, kind="payment_failed"),
    )
    relay_events = Once(
        RelayEvents,
        outbox=Identity.outbox,
        queue=Identity.queue,
        reactions=REACTIONS,
        now=Identity.clock,
    )
    run_reaction = Once(
        RunReaction,
        outbox=Identity.outbox,
        reactions=reactions,
        now=Identity.clock,
        abandoned=providers.Dict(run_job=Identity.give_up_job),
    )
    forget_delivered = Once(ForgetDelivered, outbox=Identity.outbox, now=Identity.clock)
    forget_answers = Once(ForgetAnswers, answers=Identity.answers, now=Identity.clock)
