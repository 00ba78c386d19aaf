"""What shoppers say and wish."""

from nexus.wiring.staff import Staff


class Community(Staff):
    pass
