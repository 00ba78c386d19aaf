"""The page on which a customer pays, as Chapa hosts it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from nexus.entrypoints.sandbox.chapa import stamp
from nexus.entrypoints.sandbox.deliveries import Deliveries
from nexus.entrypoints.sandbox.faults import Faults
from nexus.entrypoints.sandbox.methods import METHODS, method_named
from nexus.entrypoints.sandbox.state import SandboxState, UnknownTransaction
from nexus.entrypoints.sandbox.transactions import NotPayable, Status, Transaction, utc_now
from nexus.entrypoints.sandbox.words import WORDS


def shown(transaction: Transaction | None, status: int, state: str) -> ResponseReturnValue:
    language = request.args.get("lang", "en")
    language = language if language in WORDS else "en"
    return render_template(
        "checkout.html",
        transaction=transaction,
        state=state,
        language=language,
        languages=WORDS,
        words=WORDS[language],
        methods=METHODS,
        chosen=method_named(request.form.get("method", "")).slug,
    ), status


def chosen_step(transaction: Transaction, faults: Faults) -> Transaction:
    """Take the step whose button was pressed."""
    action = request.form.get("action", "pay")
    method = method_named(request.form.get("method", ""))
    if action == "cancel":
        return transaction.cancel(at=utc_now())
    if action == "pay" and method.approves(request.form):
        return transaction.pay(method.slug, faults, at=utc_now())
    return transaction.decline(method.slug, faults, at=utc_now())


def hosted_page(state: SandboxState, deliveries: Deliveries) -> Blueprint:
    checkout = Blueprint("checkout", __name__, url_prefix="/chapa/checkout")
    checkout.after_request(stamp)

    @checkout.errorhandler(UnknownTransaction)
    def unknown(_: UnknownTransaction) -> ResponseReturnValue:
        return shown(None, 404, "unknown")

    @checkout.get("/<tx_ref>")
    def page(tx_ref: str) -> ResponseReturnValue:
        transaction = state.by_tx_ref(tx_ref)
        faults = state.faults_of(transaction)
        if transaction.is_payable(faults, at=utc_now()):
            return shown(transaction, 200, "open")
        return closed(transaction)

    @checkout.post("/<tx_ref>")
    def submit(tx_ref: str) -> ResponseReturnValue:
        try:
            transaction = state.change(tx_ref, lambda it: chosen_step(it, state.faults_of(it)))
        except NotPayable:
            return closed(state.by_tx_ref(tx_ref))
        deliveries.announce(transaction)
        if transaction.was_paid and transaction.return_url:
            return redirect(transaction.return_url, 303)
        if transaction.status is Status.FAILED and transaction.tries_left:
            return shown(transaction, 422, "open")
        return closed(transaction)

    def closed(transaction: Transaction) -> ResponseReturnValue:
        if transaction.was_paid:
            return shown(transaction, 200, "paid")
        if transaction.status is Status.CANCELLED:
            return shown(transaction, 200, "cancelled")
        return shown(transaction, 410, "dead")

    return checkout
