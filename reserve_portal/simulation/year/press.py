"""The papers of a played year: made by the playing process, or beside it by another one."""

import gc
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from types import TracebackType

from reserve_portal.papers.making import make_due_papers, make_paper
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.render import html_to_pdf


class Press:
    """Makes the files of issued papers when the year is over."""

    def feed(self) -> None:
        """Take over what was issued since."""

    def finish(self) -> None:
        """Make everything that is still to be made."""
        while make_due_papers(seconds=3600):
            pass


class PressBeside(Press):
    """A press in a process of its own, working while the year goes on; a context manager."""

    def __enter__(self) -> "PressBeside":
        # Little that layout leaves behind is cyclic, and looking for it takes half of its time.
        self._pool = ProcessPoolExecutor(
            1, get_context("spawn"), initializer=gc.set_threshold, initargs=(100_000, 20, 100)
        )
        self._at_work: dict[int, Future[bytes]] = {}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def feed(self) -> None:
        for paper in IssuedPaper.objects.to_be_made().exclude(pk__in=self._at_work):
            self._at_work[paper.pk] = self._pool.submit(html_to_pdf, paper.html)
        self._take([pk for pk, work in self._at_work.items() if work.done()])

    def finish(self) -> None:
        """The year is over, so its own process takes what the other one has not begun, from the other end."""
        self.feed()
        for pk, work in reversed(list(self._at_work.items())):
            if work.cancel():
                del self._at_work[pk]
                paper = IssuedPaper.objects.get(pk=pk)
                make_paper(paper, html_to_pdf(paper.html))
        self._take(list(self._at_work))

    def _take(self, numbers: list[int]) -> None:
        for paper in IssuedPaper.objects.filter(pk__in=numbers).order_by("pk"):
            make_paper(paper, self._at_work.pop(paper.pk).result())
