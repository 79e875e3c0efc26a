import pytest

from assessment.tests import factories


@pytest.fixture
def edition(db):
    return factories.make_edition()


@pytest.fixture
def operator(edition):
    return factories.make_person("operator", last_name="Операторова")


@pytest.fixture
def campaign(edition):
    return factories.make_campaign(edition)
