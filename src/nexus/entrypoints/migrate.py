"""`nexus migrate`: what every deployment runs before its new processes start."""

import os

from rich.console import Console

from nexus.bootstrap import read_container


def migrate() -> None:
    """Bring the schema up to date, and see to it that the shop has its administrator."""
    container, console = read_container(os.environ), Console()
    container.migrate()
    console.print("The database is up to date.")
    settings = container.settings()
    if settings.nexus_admin_email and settings.nexus_admin_password:
        container.ensure_admin()(
            email=settings.nexus_admin_email, password=settings.nexus_admin_password
        )
        console.print(f"The administrator is {settings.nexus_admin_email}.")
