"""What users may change about themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from nexus.application.ports.work import StartWork


@dataclass(frozen=True)
class ChangeProfile:
    """Change the named parts of a user's profile and preferences, and nothing else of them."""

    start_work: StartWork

    def __call__(
        self, *, user_id: UUID, profile: Mapping[str, Any], preferences: Mapping[str, Any]
    ) -> None:
        with self.start_work() as work:
            user = work.users.lock(user_id)
            user.profile = replace(user.profile, **profile)
            user.preferences = replace(user.preferences, **preferences)
            work.users.save(user)
