"""The portal's processes as tests start and kill them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

SETTINGS = "reserve_portal.core.tests.process_settings"


class PortalProcess:
    """A process with all its children, in a group of its own that is stopped and killed as one."""

    def __init__(
        self, arguments: list[str], environment: dict[str, str], log: Path, program: str = sys.executable
    ):
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [program, *arguments],
                cwd=settings.BASE_DIR,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.log = log

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def freeze(self) -> None:
        """Let the whole group stand still, in the middle of whatever it does."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """`kill -9` of the whole group, also of one that stands still."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=20)


@contextmanager
def portal_process(
    arguments: list[str], environment: dict[str, str], log: Path, program: str = sys.executable
) -> Iterator[PortalProcess]:
    """Start `PROGRAM ARGUMENTS…` in the project with this environment besides; killed at the end of the block."""
    process = PortalProcess(arguments, environment, log, program)
    try:
        yield process
    finally:
        process.kill()


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until `condition()` is true; fails the test when it never becomes so."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s in vain")
        time.sleep(0.05)
