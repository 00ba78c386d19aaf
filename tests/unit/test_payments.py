"""What may become of one attempt to pay, whoever says so and in whatever order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus.domain.payments import (
    CHECK_AFTER,
    IllegalPaymentStep,
    Payment,
    PaymentFailed,
    PaymentState,
    PaymentSucceeded,
    PaymentSuperseded,
    PaymentUnmatched,
    Receipt,
    Unmatched,
)
from nexus.domain.shared import Money

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PRICE = Money(1500_50)
RECEIPT = Receipt("AP6jnheVKQEm", "telebirr")
STEPS = {
    "open": lambda it: it.opened("https://pay.test/1"),
    "refuse": lambda it: it.refused("no", at=NOON),
    "fail": lambda it: it.fail("declined", at=NOON),
    "cancel": lambda it: it.cancel(at=NOON),
    "succeed": lambda it: it.succeed(RECEIPT, at=NOON),
    "succeed_unmatched": lambda it: it.succeed_unmatched(RECEIPT, Unmatched.ALREADY_PAID, at=NOON),
    "set_aside": lambda it: it.set_aside(Unmatched.AMOUNT_DIFFERS, Money(1)),
    "check": lambda it: it.check(at=NOON),
}


def payment() -> Payment:
    until = NOON + timedelta(minutes=30)
    return Payment.start(UUID(int=1), "chapa", PRICE, at=NOON, until=until)


class TestPayment:
    def test_goes_by_a_reference_that_any_provider_takes(self) -> None:
        started = payment()

        assert started.reference == f"nx-{started.id.hex}"
        assert len(started.reference) <= 36

    @given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
    def test_takes_money_once_and_never_forgets_it(self, steps: list[str]) -> None:
        subject = payment()

        for step in steps:
            before = subject.status
            try:
                STEPS[step](subject)
            except (IllegalPaymentStep, PaymentSuperseded):
                assert subject.status is before
            if before is PaymentState.SUCCEEDED:
                assert subject.status is PaymentState.SUCCEEDED

        succeeded = [it for it in subject.events if isinstance(it, PaymentSucceeded)]
        assert len(succeeded) <= 1
        assert bool(succeeded) == (subject.is_settled and not subject.unmatched_reason)
        assert (subject.status is PaymentState.PENDING) == (subject.completed_at is None)

    def test_may_succeed_after_it_failed(self) -> None:
        subject = payment()
        subject.fail("declined", at=NOON)

        subject.succeed(RECEIPT, at=NOON)

        assert subject.status is PaymentState.SUCCEEDED
        assert subject.failure_reason is None
        assert [type(it) for it in subject.events] == [PaymentFailed, PaymentSucceeded]

    def test_says_once_that_money_does_not_match(self) -> None:
        subject = payment()

        for _ in range(2):
            subject.set_aside(Unmatched.AMOUNT_DIFFERS, Money(1))

        assert subject.status is PaymentState.PENDING
        assert [type(it) for it in subject.events] == [PaymentUnmatched]

    def test_forgets_a_difference_that_has_gone_away(self) -> None:
        subject = payment()
        subject.set_aside(Unmatched.AMOUNT_DIFFERS, Money(1))

        subject.succeed(RECEIPT, at=NOON)

        assert (subject.unmatched_reason, subject.received) == (None, None)

    def test_is_asked_after_less_and_less_often_and_then_no_more(self) -> None:
        subject = payment()
        waits = []

        while (due := subject.next_check_at) is not None:
            waits.append(due - NOON)
            subject.check(at=NOON)

        assert waits == sorted(waits)
        assert tuple(waits) == CHECK_AFTER

    def test_does_not_open_once_it_was_given_up(self) -> None:
        subject = payment()
        subject.cancel(at=NOON)

        with pytest.raises(PaymentSuperseded):
            subject.opened("https://pay.test/1")
