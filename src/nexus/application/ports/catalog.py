"""What is shown, what is sold and how much there is of it: how it is kept, and asked for."""

from typing import Protocol


class Categories(Protocol): ...


class Products(Protocol): ...


class Stock(Protocol): ...
