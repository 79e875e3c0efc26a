"""A reserve that came in by a table stands every check of the portal's data."""

import pytest

from reserve_portal.core.models import TransitionLog
from reserve_portal.regulations.models import Edition
from reserve_portal.simulation.cast import make_cast
from reserve_portal.simulation.checks import find_problems
from reservists.services.reserve_import import COLUMNS, import_reserve


@pytest.mark.django_db
@pytest.mark.parametrize("region", ["tomsk", "orenburg"])
def test_who_came_with_an_earlier_list_rests_on_its_decision(
    request: pytest.FixtureRequest, region: str
) -> None:
    """T4, O3.23: the decision stands in the history; without its name there the member would have none."""
    edition: Edition = request.getfixturevalue(region)
    cast = make_cast(edition)
    given = {
        **dict.fromkeys(COLUMNS.values(), ""),
        "line": 2,
        "last_name": "Иванова",
        "first_name": "Мария",
        "email": "ivanova@example.org",
        "group": "1",
        "zone": "зелёная",
        "number": "12",
        "dated": "05.03.2025",
    }
    import_reserve([given], edition=edition, actor=cast["operator"])
    assert [text for text in find_problems() if "Иванова" in text] == []
    TransitionLog.objects.filter(workflow="reservist").update(reason="")
    assert any("включён(а) в резерв без решения" in text for text in find_problems())
