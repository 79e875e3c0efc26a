"""What a page costs: the portal's processor time and the database's own, at two sizes in turn."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from django.test import Client

from .places import Place

WARM_UP = 4


@dataclass(frozen=True)
class Page:
    """A page to measure: `url(place)` gives its address, which may name another row in each database."""

    label: str
    url: Callable[[Place], str]
    limit: float


@dataclass
class Cost:
    """Samples of one page in one database: seconds, and the number of queries of a warm request."""

    seconds: list[float] = field(default_factory=list)
    queries: int = 0

    @property
    def ms(self) -> float:
        return median(self.seconds) * 1000


@dataclass
class Row:
    """One page at both sizes."""

    page: Page
    small: Cost
    large: Cost

    @property
    def ratio(self) -> float:
        return self.large.ms / self.small.ms

    @property
    def faults(self) -> list[str]:
        found = []
        if self.small.queries != self.large.queries:
            found.append("the number of queries differs")
        if self.ratio > self.page.limit:
            found.append(f"costs over {self.page.limit} times as much")
        return found


class Meter:
    """Requests of one person in one database."""

    def __init__(self, place: Place, person: Any):
        self.place = place
        self.client = Client(SERVER_NAME="127.0.0.1")
        with place.used():
            self.client.force_login(person)
        gc.collect()
        gc.freeze()  # what stays need not be looked through before each sample
        self.database_seconds = _database_clock(place)

    def sample(self, url: str) -> float:
        """Seconds of work for one request. Raises AssertionError unless the page is there."""
        gc.collect()
        gc.disable()
        try:
            with self.place.used():
                database, portal = self.database_seconds(), time.process_time()
                response = self.client.get(url)
                spent = time.process_time() - portal + self.database_seconds() - database
        finally:
            gc.enable()
        if response.status_code != 200:
            raise AssertionError(f"{url}: {response.status_code}")
        return spent

    def queries(self, url: str) -> int:
        """How many queries the page makes."""
        count = [0]

        def counted(execute: Any, *arguments: Any) -> Any:
            count[0] += 1
            return execute(*arguments)

        with self.place.used(), self.place.connection.execute_wrapper(counted):
            self.client.get(url)
        return count[0]


def measure(page: Page, small: Meter, large: Meter, rounds: int) -> Row:
    """Measure one page at both sizes by turns, so that whatever else the machine does meets both."""
    row = Row(page, Cost(), Cost())
    pairs = [(small, row.small), (large, row.large)]
    urls = {id(meter): page.url(meter.place) for meter, _ in pairs}
    for meter, cost in pairs:
        for _ in range(WARM_UP):
            meter.sample(urls[id(meter)])
        cost.queries = meter.queries(urls[id(meter)])
    for number in range(rounds):
        for meter, cost in pairs if number % 2 else reversed(pairs):
            cost.seconds.append(meter.sample(urls[id(meter)]))
    return row


def _database_clock(place: Place) -> Callable[[], float]:
    """The processor time of the database, where that is another process than this one.

    PostgreSQL's process for this connection is asked where it runs on this machine, so that waiting for a busy
    processor is not counted. Elsewhere the time between question and answer has to do.
    """
    if place.connection.vendor != "postgresql":
        return lambda: 0.0
    with place.connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_backend_pid(), inet_server_addr() = inet_client_addr() OR inet_server_addr() IS NULL"
        )
        pid, is_here = cursor.fetchone()
    spent = Path(f"/proc/{pid}/schedstat")
    if is_here and spent.exists():
        return lambda: int(spent.read_text().split()[0]) / 1e9
    waited = [0.0]

    def timed(execute: Any, *arguments: Any) -> Any:
        began, working = time.perf_counter(), time.process_time()
        try:
            return execute(*arguments)
        finally:
            waited[0] += time.perf_counter() - began - (time.process_time() - working)

    place.connection.execute_wrappers.append(timed)
    return lambda: waited[0]
