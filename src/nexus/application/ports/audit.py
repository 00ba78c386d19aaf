"""Who did what to what: how it is told, and asked for."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from nexus.application.ports.pages import Page, PageWanted


@dataclass(frozen=True, slots=True)
class Actor:
    """In whose name something is done: a role, `guest`, or `system` where nobody asked for it."""

    kind: str = "system"
    id: UUID | None = None
    request_id: str = ""
    ip: str | None = None

    @property
    def is_staff(self) -> bool:
        return self.kind in ("staff", "admin")


WhoActs = Callable[[], Actor]
"""Returns who is behind what this thread does at the moment."""


InNameOf = Callable[[Actor], AbstractContextManager[None]]
"""Has this thread act for somebody until the end of the block."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, and the fields that it changed, as they were and as they are."""

    action: str
    entity: str
    entity_id: UUID | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A deed with who did it, when and by which request."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    actor_kind: str
    action: str
    entity: str
    entity_id: UUID | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    request_id: str
    ip: str | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is looked for; None asks for nothing."""

    actor: UUID | None = None
    action: str | None = None
    entity: str | None = None
    entity_id: UUID | None = None
    created_after: datetime | None = None


class AuditQueries(Protocol):
    def entries(self, wanted: PageWanted, which: AuditFilter) -> Page[AuditEntry]:
        """Return a page of the log, the latest first."""
