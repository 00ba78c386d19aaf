from nexus.adapters.memory.tables import Tables


class MemoryUsers:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables


class MemorySessions:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables


class MemoryOneTimeTokens:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables


class MemoryAddresses:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
