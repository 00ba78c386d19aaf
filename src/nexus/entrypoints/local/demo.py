"""`nexus demo`: somebody buys something, and each step is checked before the next."""

from collections.abc import Mapping
from contextlib import ExitStack
from time import monotonic

from click import ClickException
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from nexus.entrypoints.local.purchase import Purchase
from nexus.entrypoints.local.run import stop_on_signals
from nexus.entrypoints.local.shop import Shop, local_shop
from nexus.entrypoints.local.surroundings import surroundings
from nexus.entrypoints.local.till import Lie
from nexus.settings import LOCAL


def demo(environ: Mapping[str, str]) -> None:
    """Buy from the shop that runs, or from one that is started for it; exit 1 on the first lie."""
    console = Console(highlight=False, soft_wrap=True)
    began = monotonic()
    stop_on_signals()
    with ExitStack() as stack:
        with console.status("Starting the shop…"):
            shop = stack.enter_context(local_shop(environ))
        console.print(f"[green]✓[/] {'The shop is ready':<20} {shop.web} [dim]{since(began)}[/]")
        purchase = buy(shop, administrator(environ), console)
        console.print(Panel(receipt(purchase), title="Bought", expand=False))
        console.print(f"All of it happened, in {since(began)}.")


def buy(shop: Shop, administrator: tuple[str, str], console: Console) -> Purchase:
    """Take every step of a purchase, and tell of each; raise ClickException on the first lie."""
    purchase = Purchase(shop, administrator)
    for step in purchase.steps():
        began = monotonic()
        try:
            told = step.take()
        except Lie as lie:
            console.print(f"[red]✗[/] {step.title:<20} {escape(str(lie))}")
            raise ClickException(f"{step.title}: {lie}") from lie
        console.print(f"[green]✓[/] {step.title:<20} {escape(told)} [dim]{since(began)}[/]")
    return purchase


def administrator(environ: Mapping[str, str]) -> tuple[str, str]:
    told = LOCAL | surroundings(environ)
    return told["NEXUS_ADMIN_EMAIL"], told["NEXUS_ADMIN_PASSWORD"]


def receipt(purchase: Purchase) -> str:
    lines = [
        f"Order    {purchase.order['order_number']}",
        f"Payment  {purchase.payment['transaction_id']}",
        *(f"Mail     {mail['subject']}" for mail in purchase.mails),
        f"Mailbox  {purchase.shop.sandbox}/mailbox",
    ]
    return escape("\n".join(lines))


def since(moment: float) -> str:
    return f"{monotonic() - moment:.2f} s"
