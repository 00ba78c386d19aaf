"""Catalogues that come and go as files, and the jobs that carry them."""

from nexus.wiring.catalog import Catalog


class Exchange(Catalog):
    pass
