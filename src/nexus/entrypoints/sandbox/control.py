"""The strings behind the stage: tests and demos decide here what the outside world does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from nexus.entrypoints.sandbox.deliveries import Deliveries
from nexus.entrypoints.sandbox.faults import Fault, Faults
from nexus.entrypoints.sandbox.state import SandboxState, UnknownTransaction
from nexus.entrypoints.sandbox.transactions import NotPayable, Status, Transaction, utc_now


@dataclass(eq=False)
class ControlRefusal(Exception):
    status: int
    reason: str


def sent_fields(allowed: Collection[str]) -> dict[str, Any]:
    """Return the JSON object sent, or nothing if there was no body at all."""
    body = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise ControlRefusal(400, "the body must be a JSON object")
    if strange := sorted(set(body) - set(allowed)):
        raise ControlRefusal(422, f"unknown fields {strange}; known are {sorted(allowed)}")
    return body


def faults_in(value: Any) -> Faults:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ControlRefusal(422, "faults must be a list of names")
    known = {fault.value for fault in Fault}
    if strange := sorted(set(value) - known):
        raise ControlRefusal(422, f"unknown faults {strange}; known are {sorted(known)}")
    return frozenset(Fault(name) for name in value)


def flag_in(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise ControlRefusal(422, f"{name} must be true or false")
    return value


def as_json(transaction: Transaction) -> dict[str, Any]:
    left_out = {"refunds", "faults", "was_verified", "amount", "expires_at"}
    plain = {name: value for name, value in vars(transaction).items() if name not in left_out}
    moments = {name: plain[name].isoformat() for name in ("created_at", "updated_at")}
    return {
        **plain,
        **moments,
        "amount": f"{transaction.amount:.2f}",
        "charge": f"{transaction.charge:.2f}",
        "refunded": f"{transaction.refunded:.2f}",
        "faults": sorted(transaction.faults),
        "checkout_url": url_for("checkout.page", tx_ref=transaction.tx_ref, _external=True),
    }


@dataclass(frozen=True)
class Completion:
    """How a payment is to end without the page; no faults means those given before."""

    outcome: str
    method: str
    faults: Faults | None

    def apply(self, transaction: Transaction, scenario: Faults) -> Transaction:
        if self.faults is not None:
            transaction = replace(transaction, faults=self.faults)
        step = transaction.pay if self.outcome == "success" else transaction.decline
        return step(self.method, scenario | transaction.faults, at=utc_now())


def completion_in(body: dict[str, Any]) -> Completion:
    outcome, method = body.get("outcome"), body.get("method", "telebirr")
    if outcome not in ("success", "failed"):
        raise ControlRefusal(422, 'outcome must be "success" or "failed"')
    if not isinstance(method, str):
        raise ControlRefusal(422, "method must be a text")
    return Completion(outcome, method, faults_in(body["faults"]) if "faults" in body else None)


def control_api(state: SandboxState, deliveries: Deliveries) -> Blueprint:
    control = Blueprint("control", __name__, url_prefix="/control")

    @control.errorhandler(ControlRefusal)
    def refused(refusal: ControlRefusal) -> ResponseReturnValue:
        return jsonify(error=refusal.reason), refusal.status

    @control.errorhandler(UnknownTransaction)
    def unknown(_: UnknownTransaction) -> ResponseReturnValue:
        return jsonify(error="no transaction has this tx_ref"), 404

    @control.errorhandler(NotPayable)
    def not_payable(_: NotPayable) -> ResponseReturnValue:
        return jsonify(error="paid, cancelled, expired or tried too often"), 409

    @control.get("/transactions")
    def transactions() -> ResponseReturnValue:
        return jsonify([as_json(transaction) for transaction in state.transactions()])

    @control.post("/transactions/<tx_ref>/complete")
    def complete(tx_ref: str) -> ResponseReturnValue:
        wanted = sent_fields({"outcome", "faults", "method", "wait"})
        patiently, completion = flag_in(wanted, "wait"), completion_in(wanted)
        transaction = state.change(tx_ref, lambda it: completion.apply(it, state.scenario))
        deliveries.announce(transaction, patiently=patiently)
        return jsonify(as_json(transaction))

    @control.post("/webhooks/<tx_ref>/resend")
    def resend(tx_ref: str) -> ResponseReturnValue:
        wanted = sent_fields({"faults", "wait"})
        patiently = flag_in(wanted, "wait")
        transaction = state.by_tx_ref(tx_ref)
        if transaction.status is Status.PENDING:
            raise ControlRefusal(409, "nothing has happened yet that a webhook could tell")
        in_force = state.faults_of(transaction)
        faults = faults_in(wanted["faults"]) if "faults" in wanted else in_force
        deliveries.resend(transaction, faults, patiently=patiently)
        return jsonify(as_json(transaction)), 202

    @control.post("/scenario")
    def scenario() -> ResponseReturnValue:
        wanted = sent_fields({"faults"})
        state.scenario = faults_in(wanted.get("faults"))
        return jsonify(faults=sorted(state.scenario))

    @control.get("/log")
    def log() -> ResponseReturnValue:
        return jsonify([{**asdict(it), "at": it.at.isoformat()} for it in state.log()])

    @control.post("/reset")
    def reset() -> ResponseReturnValue:
        deliveries.forget()
        state.reset()
        return "", 204

    return control
