"""Accounts, sessions, one-time links and addresses: how they are kept, and asked for."""

from typing import Protocol


class Users(Protocol): ...


class Sessions(Protocol): ...


class OneTimeTokens(Protocol): ...


class Addresses(Protocol): ...
