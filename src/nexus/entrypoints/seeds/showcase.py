"""What the demo shop shows beyond its goods, made by the same use cases as any other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from nexus.application.catalog.collections import ChooseProducts, CreateCollection
from nexus.application.ports.catalog import CatalogQueries
from nexus.application.reviews import WriteReview
from nexus.domain.catalog import ProductNotFound
from nexus.domain.collections import Condition, Match, Rule
from nexus.domain.reviews import AlreadyReviewed
from nexus.domain.shared import AlreadyExists, Money
from nexus.domain.slugs import slug_of
from nexus.entrypoints.seeds.cards import spoken_in_latin
from nexus.entrypoints.seeds.content import Content, SeedCollection, SeedReview
from nexus.entrypoints.seeds.steps import Step


@dataclass(frozen=True)
class Showing:
    """Collections, and what a customer thinks of the goods."""

    currency: str
    create_collection: CreateCollection
    choose_products: ChooseProducts
    write_review: WriteReview
    catalog: CatalogQueries

    def collections(self, content: Content) -> Iterator[Step]:
        for it in content.collections:
            products = [name for sku in it.products if (name := content.name_of(sku))]
            yield Step("Collections", it.name, partial(self._collection, it, products))

    def reviews(self, content: Content, author: Callable[[], UUID]) -> Iterator[Step]:
        for it in content.reviews:
            if name := content.name_of(it.product):
                yield Step("Reviews", it.title, partial(self._review, it, name, author))

    def _collection(self, wanted: SeedCollection, products: Sequence[str]) -> bool:
        facts = {"name": wanted.name, "slug": wanted.slug, "description": wanted.description}
        try:
            self.create_collection(facts=facts | {"rule": self._rule(wanted)})
        except AlreadyExists:
            return False
        if products:
            ids = [self.catalog.product(_slug(it), hidden=True).id for it in products]
            self.choose_products(collection=wanted.slug, product_ids=ids, expected=None)
        return True

    def _rule(self, wanted: SeedCollection) -> Rule | None:
        if wanted.rule is None:
            return None
        asked = dict(wanted.rule)
        if "max_price" in asked:
            asked["max_price"] = Money.parse(asked["max_price"], self.currency)
        return Rule(Match.ALL, (Condition(**asked),))

    def _review(self, said: SeedReview, name: str, author: Callable[[], UUID]) -> bool:
        try:
            self.write_review(
                author_id=author(),
                product=_slug(name),
                rating=said.rating,
                title=said.title,
                comment=said.comment,
            )
        except (AlreadyReviewed, ProductNotFound):
            return False
        return True


def _slug(name: str) -> str:
    return slug_of(spoken_in_latin(name))
