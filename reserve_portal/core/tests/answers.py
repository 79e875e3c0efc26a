"""Reading answers to the end in tests."""

from typing import Any


def content_of(response: Any) -> bytes:
    """The whole body, whether streamed or not.

    A streamed answer is read, never closed by hand: its `close` would end the test's own database connection on
    PostgreSQL.
    """
    return b"".join(response.streaming_content) if response.streaming else response.content
