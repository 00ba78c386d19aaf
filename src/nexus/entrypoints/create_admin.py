"""`nexus create-admin`: somebody has to be the first."""

import os

from rich.console import Console

from nexus.bootstrap import open_container


def create_admin(*, email: str, password: str) -> None:
    """Open an administrator's account; one that the address has stays as it is."""
    with open_container(os.environ) as container:
        id_ = container.ensure_admin()(email=email, password=password)
        role = container.identity_queries().account(id_).role
    Console().print(f"{email} has an account with the role {role}.")
