"""The commands. Each imports what it needs when it is called, so that `--help` is quick."""

import os
from typing import Any

import click

from nexus.settings import BadSettings

SIZES = ["small", "demo", "load"]


class Commands(click.Group):
    """Tells of bad settings in their own words, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BadSettings as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands)
@click.version_option(package_name="nexus")
def main() -> None:
    """Nexus, an online shop."""


@main.command()
def run() -> None:
    """Start the whole shop on this machine, and stop it with Ctrl-C."""
    from nexus.entrypoints.local.run import run

    run(os.environ)


@main.command()
def demo() -> None:
    """Buy something for real, starting what is not running."""
    from nexus.entrypoints.local.demo import demo

    demo(os.environ)


@main.command()
def web() -> None:
    """Serve HTTP."""
    from nexus.entrypoints.web import serve

    serve()


@main.command()
def worker() -> None:
    """React to what has happened: mails, stock, payments."""
    from nexus.entrypoints.worker import serve

    serve()


@main.command()
def scheduler() -> None:
    """Do what is due: relay events, release reservations."""
    from nexus.entrypoints.scheduler import serve

    serve()


@main.command()
def sandbox() -> None:
    """Play the payment gateways and the mailbox, locally."""
    from nexus.entrypoints.sandbox.config import SandboxConfig
    from nexus.entrypoints.sandbox.server import serve

    serve(SandboxConfig.read(os.environ))


@main.command()
@click.option("--seed", "size", type=click.Choice(SIZES), help="Fill the shop afterwards.")
def migrate(size: str | None) -> None:
    """Bring the database up to date."""
    from nexus.entrypoints.migrate import migrate
    from nexus.entrypoints.seed import seed

    migrate()
    if size:
        seed(size)


@main.command()
@click.option("--size", type=click.Choice(SIZES), default="demo")
@click.option("--products", type=click.IntRange(min=1), help="How many, with --size load.")
def seed(size: str, products: int | None) -> None:
    """Fill the shop, once: a second time changes nothing."""
    from nexus.entrypoints.seed import seed

    seed(size, products=products)


@main.command()
@click.option("--email", envvar="NEXUS_ADMIN_EMAIL", required=True)
@click.password_option(envvar="NEXUS_ADMIN_PASSWORD")
def create_admin(email: str, password: str) -> None:
    """Create an administrator, unless the address has an account."""
    from nexus.entrypoints.create_admin import create_admin

    create_admin(email=email, password=password)


@main.command()
def doctor() -> None:
    """Say what is configured, what answers, and how to mend what does not."""
    from nexus.entrypoints.doctor import doctor

    doctor()


@main.command()
def audit() -> None:
    """Check that the books agree: stock, orders, payments, coupons, events."""
    from nexus.entrypoints.books import audit

    if not audit():
        raise click.exceptions.Exit(1)
