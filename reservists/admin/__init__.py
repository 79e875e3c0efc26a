"""The reserve in the operator's admin: people, plans, events, the registry; services do the deeds."""

from . import development, events, people, registry  # noqa: F401
