"""The mails that follow from what has happened. Each is sent under the id of its reaction."""

from dataclasses import dataclass
from uuid import UUID

from nexus.application.links import IssueLink
from nexus.application.ports.gateways import Letter, Mailer
from nexus.application.ports.identity import Account, IdentityQueries
from nexus.application.ports.inventory import StockQueries
from nexus.application.ports.security import OrderTokens
from nexus.application.ports.shopping import OrderDetails, ShoppingQueries
from nexus.application.ports.system import OwedReaction
from nexus.domain.orders import OrderNotFound


@dataclass(frozen=True)
class SendVerification:
    """Send the link that proves an address; each attempt makes a link of its own."""

    identity: IdentityQueries
    issue_link: IssueLink
    mailer: Mailer
    public_url: str

    def __call__(self, *, owed: OwedReaction) -> None:
        account = _owner(self.identity, owed)
        if account.is_closed or account.is_verified:
            return
        token = self.issue_link(user_id=account.id)
        link = f"{self.public_url}/verify-email?token={token}"
        self.mailer.send(_letter(account, owed, "verification", link))


@dataclass(frozen=True)
class SendPasswordReset:
    """Send the link that sets another password; each attempt makes a link of its own."""

    identity: IdentityQueries
    issue_link: IssueLink
    mailer: Mailer
    public_url: str

    def __call__(self, *, owed: OwedReaction) -> None:
        account = _owner(self.identity, owed)
        if account.is_closed:
            return
        token = self.issue_link(user_id=account.id)
        link = f"{self.public_url}/reset-password?token={token}"
        self.mailer.send(_letter(account, owed, "password_reset", link))


@dataclass(frozen=True)
class SendEmailConfirmation:
    """Send a link to the address that a user wants to go by.

    Where the address has an account already, its owner is told so instead, and nobody else is.
    """

    identity: IdentityQueries
    issue_link: IssueLink
    mailer: Mailer
    public_url: str

    def __call__(self, *, owed: OwedReaction) -> None:
        account, address = _owner(self.identity, owed), owed.event.data["new_email"]
        if account.is_closed:
            return
        if other := self.identity.account_of(address):
            self.mailer.send(_letter(other, owed, "account_exists", self.public_url))
            return
        token = self.issue_link(user_id=account.id, email=address)
        link = f"{self.public_url}/confirm-email?token={token}"
        self.mailer.send(_letter(account, owed, "verification", link, to=address))


@dataclass(frozen=True)
class TellOldAddress:
    """Tell whoever reads the mail of the address before that the account goes by another."""

    identity: IdentityQueries
    mailer: Mailer
    link: str

    def __call__(self, *, owed: OwedReaction) -> None:
        account, address = _owner(self.identity, owed), owed.event.data["old_email"]
        self.mailer.send(_letter(account, owed, "email_changed", self.link, to=address))


@dataclass(frozen=True)
class WriteToCustomer:
    """Send one kind of mail to the owner of the account that the event is about."""

    identity: IdentityQueries
    mailer: Mailer
    kind: str
    link: str

    def __call__(self, *, owed: OwedReaction) -> None:
        account = _owner(self.identity, owed)
        if not account.is_closed:
            self.mailer.send(_letter(account, owed, self.kind, self.link))


@dataclass(frozen=True)
class TellStaffOfNewUser:
    """Tell the address that staff have chosen for it, if they have, who opened an account."""

    identity: IdentityQueries
    mailer: Mailer
    to: str
    link: str

    def __call__(self, *, owed: OwedReaction) -> None:
        account = _owner(self.identity, owed)
        if not self.to or account.is_closed:
            return
        name = f"{account.first_name} {account.last_name}".strip() or account.email
        facts = {"name": name, "email": account.email, "link": self.link}
        self.mailer.send(Letter(owed.id, "staff_new_user", self.to, facts))


@dataclass(frozen=True)
class TellStaffOfLowStock:
    """Tell the address that staff have chosen for it, if they have, what has run low."""

    stock: StockQueries
    mailer: Mailer
    to: str
    link: str

    def __call__(self, *, owed: OwedReaction) -> None:
        told = owed.event.data
        if not self.to or (item := self.stock.item(UUID(told["variant_id"]))) is None:
            return
        facts = {"name": item.name, "sku": item.sku, "link": self.link}
        facts |= {"available": told["available"], "threshold": told["threshold"]}
        self.mailer.send(Letter(owed.id, "low_stock", self.to, facts))


@dataclass(frozen=True)
class WriteToBuyer:
    """Send one kind of mail about an order to the address that was given with it."""

    shopping: ShoppingQueries
    tokens: OrderTokens
    mailer: Mailer
    public_url: str
    kind: str

    def __call__(self, *, owed: OwedReaction) -> None:
        order_id = UUID(owed.event.data["order_id"])
        order = self.shopping.order(order_id)
        if order is None:
            raise OrderNotFound(order_id)
        name = order.shipping_address.first_name
        facts = {"name": name, "order": order, "link": self._link(order)}
        self.mailer.send(Letter(owed.id, self.kind, order.email, facts, order.locale))

    def _link(self, order: OrderDetails) -> str:
        """A guest has no account to sign in to, so the link itself opens the order."""
        link = f"{self.public_url}/orders/{order.id}"
        return link if order.customer_id else f"{link}?token={self.tokens.for_order(order.id)}"


def _owner(identity: IdentityQueries, owed: OwedReaction) -> Account:
    return identity.account(UUID(owed.event.data["user_id"]))


def _letter(
    account: Account, owed: OwedReaction, kind: str, link: str, *, to: str | None = None
) -> Letter:
    facts = {"name": account.first_name, "link": link}
    return Letter(owed.id, kind, to or account.email, facts, account.preferences.locale)
