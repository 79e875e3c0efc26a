"""Work on very many rows at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Within the block, or the function it decorates, Python looks for no garbage in cycles.

    Tens of thousands of rows that are all in use make it look again and again, for a quarter of the whole time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
