"""What staff put where, over HTTP."""

from uuid import UUID

from tests.integration.shop import Visitor


def opened(staff: Visitor, code: str, **facts: object) -> UUID:
    answer = staff.post("/locations", {"code": code, "name": code.title(), **facts})
    assert answer.status_code == 201, answer.text
    return UUID(answer.json["id"])


def put_in(staff: Visitor, variant_id: UUID, count: int, code: str) -> None:
    body = {"delta": count, "reason": "received", "location": code}
    answer = staff.post(f"/variants/{variant_id}/stock/adjustments", body)
    assert answer.status_code == 201, answer.text


def move(staff: Visitor, variant_id: UUID, count: int, source: str, target: str) -> None:
    body = {"variant_id": str(variant_id), "from": source, "to": target, "quantity": count}
    answer = staff.post("/stock/transfers", body)
    assert answer.status_code == 201, answer.text


def places(staff: Visitor, variant_id: UUID) -> dict[str, tuple[int, int, int]]:
    """Return what is on hand, reserved and available at each place, by its code."""
    shown = staff.get(f"/variants/{variant_id}/stock").json["locations"]
    return {it["code"]: (it["on_hand"], it["reserved"], it["available"]) for it in shown}
