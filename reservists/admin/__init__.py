"""The reserve in the operator's admin: people, plans, events, the registry; services do the deeds."""

from . import attestation, development, events, leaving, people, registry  # noqa: F401  # noqa: F401
