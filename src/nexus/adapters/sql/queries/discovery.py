from sqlalchemy import Engine

from nexus.adapters.sql.queries.collection_rules import with_members
from nexus.adapters.sql.queries.facets import FacetCount
from nexus.adapters.sql.queries.reading import IllustratedQueries
from nexus.adapters.sql.queries.suggestions import SUGGESTIONS
from nexus.application.ports.catalog import ProductFilter
from nexus.application.ports.discovery import Facets, Suggestions


class SqlDiscoveryQueries(IllustratedQueries):
    def __init__(self, engine: Engine, *, media: str, currency: str) -> None:
        super().__init__(engine, media=media)
        self._currency = currency

    def suggestions(self, typed: str) -> Suggestions:
        ((found,),) = self._told(SUGGESTIONS, typed=typed)
        return Suggestions(found)

    def facets(self, wanted: ProductFilter, *, hidden: bool) -> Facets:
        count = FacetCount(with_members(self._told, wanted, hidden=hidden), hidden)
        ((found,),) = self._told(str(count), **count.values, currency=self._currency)
        return Facets(found)
