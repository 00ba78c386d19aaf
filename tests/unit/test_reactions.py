from nexus.application.reactions import REACTIONS
from nexus.bootstrap import read_container


def test_every_reaction_that_an_event_asks_for_is_there_and_no_other() -> None:
    asked = {name for names in REACTIONS.values() for name in names}

    assert asked == read_container({"NEXUS_ENV": "test"}).run_reaction().reactions.keys()
