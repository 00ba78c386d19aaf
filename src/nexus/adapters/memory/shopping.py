from nexus.adapters.memory.tables import Tables


class MemoryCarts:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables


class MemoryCoupons:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables


class MemoryOrders:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
