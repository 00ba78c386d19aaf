from nexus.adapters.memory.tables import Tables


class MemoryCategories:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables


class MemoryProducts:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables


class MemoryStock:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
