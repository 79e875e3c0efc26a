"""What must always hold is a named constraint with a message for people (architecture.md, rule 4)."""

import pytest
from django.apps import apps
from django.conf import settings

from reserve_portal.core.tests.sources import PACKAGES

CONSTRAINTS = [
    pytest.param(model, constraint, id=constraint.name)
    for model in apps.get_models()
    if model.__module__.split(".")[0] in PACKAGES
    for constraint in model._meta.constraints
]


@pytest.mark.parametrize(("model", "constraint"), CONSTRAINTS)
def test_a_constraints_message_can_be_said(model, constraint):
    """A lone % in the message would end in a traceback in place of the sentence."""
    assert constraint.get_violation_error_message()


def test_constraints_are_found():
    """The rule above is about something."""
    assert CONSTRAINTS and settings.USE_TZ
