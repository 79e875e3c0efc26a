from .events import Event, EventsPlan, Participation
from .membership import Reservist
from .registry import RegistryEdition

__all__ = ["Event", "EventsPlan", "Participation", "RegistryEdition", "Reservist"]
