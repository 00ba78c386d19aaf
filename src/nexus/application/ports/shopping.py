"""Carts, coupons and orders: how they are kept, and asked for."""

from typing import Protocol


class Carts(Protocol): ...


class Coupons(Protocol): ...


class Orders(Protocol): ...
