"""The reserve in the operator's admin: people, plans, events, the registry; services do the deeds."""

from . import (  # noqa: F401
    attestation,
    attestation_sheets,
    development,
    events,
    leaving,
    people,
    registry,
)
