"""The reserve in the operator's admin: people, events, the yearly plan, the registry; services do the deeds."""

from . import events, people, registry  # noqa: F401
