"""The operator's workplace of the assessment: lists are read-only, deeds go through services with a confirmation."""

from . import appeals, catalogue, conclusions, procedures, routes  # noqa: F401
