"""Pictures, collections, and what goes well together."""

from nexus.wiring.exchange import Exchange


class Showcase(Exchange):
    pass
