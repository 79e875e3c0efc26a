"""The operator's workplace for candidates: campaigns, applications, the journal, the desk's counters."""

from . import applications, campaigns, deadlines, desk, journal, requests  # noqa: F401
