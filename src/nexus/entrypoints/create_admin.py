"""`nexus create-admin`."""

import os

import click

from nexus.bootstrap import read_container
from nexus.domain.shared import ValidationFailed


def create_admin(*, email: str, password: str) -> None:
    """Create an administrator, unless the address has an account, and say what it is."""
    container = read_container(os.environ)
    try:
        user_id = container.ensure_admin()(email=email, password=password)
    except ValidationFailed as refusal:
        raise click.ClickException(f"cannot be created: {refusal.errors}") from refusal
    account = container.identity_queries().account(user_id)
    click.echo(f"{account.email} has an account; its role is {account.role}.")
