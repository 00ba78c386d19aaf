from nexus.adapters.memory.tables import Tables
from nexus.domain.collections import Collection, CollectionNotFound
from nexus.domain.shared import AlreadyExists


class MemoryCollections:
    def __init__(self, tables: Tables) -> None:
        self._collections = tables.table("collections")

    def add(self, collection: Collection) -> None:
        self._check(collection)
        self._collections.insert(collection.id, collection)

    def save(self, collection: Collection) -> None:
        self._check(collection)
        self._collections.update(collection.id, collection)

    def _check(self, collection: Collection) -> None:
        slug = collection.slug
        if self._collections.first(lambda it: it.slug == slug and it.id != collection.id):
            raise AlreadyExists("slug")

    def remove(self, collection: Collection) -> None:
        self._collections.delete(collection.id)

    def lock(self, key: str) -> Collection:
        found: Collection | None = self._collections.first(lambda it: key in (str(it.id), it.slug))
        if found is None:
            raise CollectionNotFound(key)
        return found

    def taken_slugs(self, slug: str) -> set[str]:
        return {it.slug for it in self._collections.where(lambda it: it.slug.startswith(slug))}
