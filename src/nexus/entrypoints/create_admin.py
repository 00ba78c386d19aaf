"""`nexus create-admin`: somebody has to be the first."""

import os

from rich.console import Console

from nexus.bootstrap import Container, open_container
from nexus.entrypoints.mail_addresses import mail_address
from nexus.settings import BadSettings


def create_admin(*, email: str, password: str) -> None:
    """Open an administrator's account; one that the address has stays as it is."""
    with open_container(os.environ) as container:
        told = ensure_administrator(container, email=email, password=password)
    Console().print(told)


def ensure_administrator(container: Container, *, email: str, password: str) -> str:
    """Return who has the account now, and in which role; raise BadSettings for no address."""
    address = mail_address(email, tests=container.settings().nexus_env != "production")
    if address is None:
        raise BadSettings(f"{email!r} is not an e-mail address, so it cannot administrate.")
    id_ = container.ensure_admin()(email=address, password=password)
    role = container.identity_queries().account(id_).role
    return f"{address} has an account with the role {role}."
