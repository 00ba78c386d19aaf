"""`nexus migrate`: what every deployment runs before its new processes start."""

import os

from rich.console import Console

from nexus.bootstrap import open_container
from nexus.entrypoints.create_admin import ensure_administrator


def migrate() -> None:
    """Bring the schema up to date, and see to it that the shop has its administrator."""
    console = Console()
    with open_container(os.environ) as container:
        container.migrate()
        console.print("The database is up to date.")
        settings = container.settings()
        email, password = settings.nexus_admin_email, settings.nexus_admin_password
        if email and password:
            console.print(ensure_administrator(container, email=email, password=password))
