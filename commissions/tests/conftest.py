from collections.abc import Iterator

import pytest

from commissions.models import Body
from commissions.motions import motions
from reserve_portal.core import clock
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition

from .factories import NOW, FakeMotion, make_body


@pytest.fixture(autouse=True)
def a_day() -> Iterator[None]:
    with clock.travel(NOW):
        yield


@pytest.fixture
def motion(monkeypatch: pytest.MonkeyPatch) -> FakeMotion:
    """A motion on inclusion whose lines are about users."""
    plug = FakeMotion(Decision.INCLUSION)
    monkeypatch.setitem(motions._plugs, str(Decision.INCLUSION), plug)
    return plug


@pytest.fixture
def commission(tomsk: Edition) -> Body:
    """Tomsk's commission: chair, secretary without a voice, three members."""
    return make_body("commission")
