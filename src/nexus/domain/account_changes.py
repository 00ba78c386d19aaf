"""What happens to an account after it was opened. No event carries a secret, or what proves one."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from nexus.domain.shared import Event


@dataclass(frozen=True)
class PasswordResetRequested(Event):
    name: ClassVar[str] = "internal.password_reset_requested"
    user_id: UUID


@dataclass(frozen=True)
class PasswordChanged(Event):
    name: ClassVar[str] = "internal.password_changed"
    user_id: UUID


@dataclass(frozen=True)
class PasswordReset(Event):
    """Somebody who reads the account's mail has set another password."""

    name: ClassVar[str] = "internal.password_reset"
    user_id: UUID


@dataclass(frozen=True)
class EmailChangeRequested(Event):
    """The owner wants another address, which has yet to be proved."""

    name: ClassVar[str] = "internal.email_change_requested"
    user_id: UUID
    new_email: str


@dataclass(frozen=True)
class EmailChanged(Event):
    """The old address is told so, and by it the owner if it was somebody else."""

    name: ClassVar[str] = "internal.email_changed"
    user_id: UUID
    old_email: str


@dataclass(frozen=True)
class AccountClosed(Event):
    name: ClassVar[str] = "internal.account_closed"
    user_id: UUID
