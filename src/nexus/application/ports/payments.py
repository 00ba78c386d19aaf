"""Payments and the news of them: how they are kept, and asked for."""

from typing import Protocol


class Payments(Protocol): ...


class Inbox(Protocol): ...
