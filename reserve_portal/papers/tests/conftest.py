from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reserve_portal.papers.kinds import PaperKind, paper_kinds
from reserve_portal.papers.tests.factories import KIND


@pytest.fixture(autouse=True)
def kind() -> Iterator[PaperKind]:
    paper_kinds.add(KIND.code, KIND)
    yield KIND
    paper_kinds._plugs.pop(KIND.code)


@pytest.fixture
def own_templates(settings: Any) -> None:
    """The templates of this folder beside the portal's."""
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], Path(__file__).parent / "templates"]}]
