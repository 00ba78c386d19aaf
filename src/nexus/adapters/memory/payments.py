from nexus.adapters.memory.tables import Tables


class MemoryPayments:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables


class MemoryInbox:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
