from collections.abc import Iterator

import pytest

from tests.servers import empty, forget


@pytest.fixture(autouse=True)
def leave_nothing_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty what the test may have filled; one that asks for no server pays nothing."""
    emptying = {"database_url": empty, "redis_url": forget}
    used = [
        (forget_all, request.getfixturevalue(name))
        for name, forget_all in emptying.items()
        if name in request.fixturenames
    ]
    yield
    for forget_all, url in used:
        forget_all(url)
