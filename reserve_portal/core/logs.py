"""What may stand in the logs."""

import re
from collections.abc import MutableMapping
from typing import Any

ONE_TIME = re.compile(
    r"(/(?:password/reset/key|confirm-email|candidate/invitations|reserve/feed)/)[^\s/'\"]+"
)


def hide_one_time_links(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take the key out of links that open something by themselves: a password, an invitation, a calendar."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = ONE_TIME.sub(r"\1…", value)
    return event
