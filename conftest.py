"""What holds for every test of the tree."""

import pytest
from django.db import connection


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need PostgreSQL when the suite runs on SQLite."""
    if connection.vendor == "postgresql":
        return
    needy = [item for item in items if item.get_closest_marker("postgres")]
    if needy:
        config.hook.pytest_deselected(items=needy)
        items[:] = [item for item in items if not item.get_closest_marker("postgres")]
