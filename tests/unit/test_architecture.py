"""The house stands: everything can be built, and nothing is open by accident."""

import pytest
from dependency_injector import providers
from flask import Blueprint, Flask

from nexus.application.reactions import REACTIONS
from nexus.bootstrap import Container
from nexus.entrypoints.http.access import ANYONE, open_to, require_declarations
from nexus.settings import Settings


@pytest.fixture(scope="module")
def container() -> Container:
    return Container(settings=Settings.read({"NEXUS_ENV": "test"}))


def test_every_provider_can_be_built(container: Container) -> None:
    container.check_dependencies()

    singletons = container.traverse(types=[providers.ThreadSafeSingleton])

    for provider in singletons:
        assert provider() is not None


def test_one_of_each_is_built_however_often_it_is_asked_for(container: Container) -> None:
    assert container.http() is container.http()
    assert container.engine() is container.engine()


def test_every_reaction_that_is_owed_can_be_run(container: Container) -> None:
    owed = {name for names in REACTIONS.values() for name in names}

    assert owed == set(container.reactions())


def test_a_route_that_does_not_say_who_may_call_it_stops_the_start() -> None:
    app = Flask("shop")
    blueprint = Blueprint("doors", "doors")
    blueprint.get("/open")(open_to(ANYONE)(lambda: "in"))
    blueprint.get("/forgotten", endpoint="forgotten")(lambda: "in")
    app.register_blueprint(blueprint)

    with pytest.raises(RuntimeError, match=r"doors\.forgotten"):
        require_declarations(app)


def test_every_route_of_ours_says_who_may_call_it(container: Container) -> None:
    require_declarations(container.http())
