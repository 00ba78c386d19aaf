from collections.abc import Collection
from uuid import UUID

from nexus.adapters.memory.tables import Tables
from nexus.domain.images import Gallery, ImageNotFound


class MemoryImages:
    def __init__(self, tables: Tables) -> None:
        self._galleries = tables.table("product_images")
        self._variants = tables.table("variants")

    def of(self, product_id: UUID) -> Gallery:
        return self._galleries.get(product_id) or Gallery(product_id)

    def save(self, gallery: Gallery) -> None:
        self._galleries.insert(gallery.id, gallery)

    def product_of(self, image_id: UUID) -> UUID:
        held = self._galleries.first(lambda it: any(each.id == image_id for each in it.images))
        if held is None:
            raise ImageNotFound(image_id)
        found: UUID = held.id
        return found

    def sources_of(self, product_ids: Collection[UUID]) -> dict[UUID, set[str]]:
        galleries = {id_: self.of(id_).images for id_ in product_ids}
        return {
            id_: {told for it in images for told in (it.path, it.source or it.path)}
            for id_, images in galleries.items()
        }

    def named(self, paths: Collection[str]) -> set[str]:
        galleries = self._galleries.where(lambda _: True)
        return {it.path for gallery in galleries for it in gallery.images} & set(paths)

    def is_variant_of(self, variant_id: UUID, product_id: UUID) -> bool:
        variant = self._variants.get(variant_id)
        return variant is not None and variant.product_id == product_id
