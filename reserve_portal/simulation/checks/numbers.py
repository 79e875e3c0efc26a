"""Numbers without gaps and doubles, papers that are what they were."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from string import Formatter

from candidates.models import RegistrationEntry
from commissions.enums import MeetingState
from commissions.models import Meeting
from reserve_portal.audit.services import verify_audit
from reserve_portal.papers.kinds import PaperKind, paper_kinds
from reserve_portal.papers.models import IssuedPaper, NumberSequence
from reserve_portal.regulations.models import Edition
from reservists.models import RegistryEdition

from .registry import check

# Protocols are counted with their meetings; extracts and draft orders bear the protocol's number.
NUMBERED_BY_MEETING = ("protocol", "protocol_short", "extract", "order_draft")
PROTOCOL = re.compile(r"(?P<index>.+)-(?P<number>\d+)/(?P<year>\d{4})")


@check
def journal_has_neither_gap_nor_double() -> Iterator[str]:
    """Registration numbers run 1, 2, 3 … in each journal, up to the last number given (O3.4)."""
    journals = defaultdict(list)
    for series, number in RegistrationEntry.objects.order_by("series", "number").values_list(
        "series", "number"
    ):
        journals[f"journal:{series}"].append(number)
    yield from _compare("Журнал регистрации", journals)


@check
def journal_lines_say_their_number() -> Iterator[str]:
    """The text of a journal's line is the edition's pattern with the line's own number in it (O3.4)."""
    patterns = {edition.pk: edition.value("registration_pattern") for edition in Edition.objects.all()}
    entries = RegistrationEntry.objects.select_related("application__campaign").order_by("pk")
    for entry in entries.iterator(chunk_size=500):
        pattern = patterns[entry.application.campaign.edition_id]
        years = {entry.registered_at.year - 1, entry.registered_at.year, entry.registered_at.year + 1}
        if entry.text not in {pattern.format(year=year, number=entry.number) for year in years}:
            yield f"Журнал регистрации: в строке {entry.series} № {entry.number} записан номер «{entry.text}»."


@check
def protocols_have_neither_gap_nor_double() -> Iterator[str]:
    """Every closed meeting has a protocol's number, and the numbers of a body run without a gap in each year."""
    series = defaultdict(list)
    for meeting in Meeting.objects.filter(state=MeetingState.CLOSED).select_related("body").order_by("pk"):
        found = PROTOCOL.fullmatch(meeting.number)
        if found is None:
            yield f"Заседание «{meeting}»: номера протокола нет."
        else:
            series[f"protocol:{found['index']}:{found['year']}"].append(int(found["number"]))
    yield from _compare("Протоколы", series)


@check
def registry_editions_are_numbered_without_a_gap() -> Iterator[str]:
    """Editions of the registry run 1, 2, 3 …"""
    numbers = list(RegistryEdition.objects.order_by("number").values_list("number", flat=True))
    yield from _compare("Редакции реестра", {"registry": numbers} if numbers else {})


@check
def papers_have_neither_gap_nor_double() -> Iterator[str]:
    """Papers numbered by their kind's own series run without a gap."""
    series: dict[str, list[int]] = defaultdict(list)
    names = {}
    for paper in (
        IssuedPaper.objects.exclude(kind__in=NUMBERED_BY_MEETING).order_by("pk").iterator(chunk_size=500)
    ):
        if paper.kind not in paper_kinds:
            yield f"Документ «{paper}»: неизвестный вид «{paper.kind}»."
            continue
        kind = paper_kinds.get(paper.kind)
        parts = _parts(kind, paper)
        if parts is None:
            yield f"Документ «{paper}»: номер не того вида, что задан для таких документов."
        elif "series" in parts:
            series[parts["series"]].append(int(parts["number"]))
            names[parts["series"]] = kind.title
    yield from _compare("Документы", series, names)


def _parts(kind: PaperKind, paper: IssuedPaper) -> dict[str, str] | None:
    """The number and the series of a paper, read from its number; no series where the number does not name it."""
    pattern = "".join(
        re.escape(text) + (f"(?P<{name}>.+?)" if name else "")
        for text, name, _, _ in Formatter().parse(kind.number)
    )
    found = re.fullmatch(pattern, paper.number)
    if found is None:
        return {"number": "0"} if "{number" not in kind.number else None
    words = {"year": str(paper.dated.year), **found.groupdict()}
    if not words.get("number", "").isdigit():
        return None
    try:
        return {"number": words["number"], "series": kind.series.format(**words)}
    except KeyError:
        return {"number": words["number"]}


def _compare(what: str, series: dict[str, list[int]], names: dict[str, str] | None = None) -> Iterator[str]:
    last = dict(NumberSequence.objects.values_list("key", "last"))
    for key, numbers in series.items():
        if key not in last:
            continue  # numbered by something else: the registry's papers carry the registry's number
        label = f"{what}, ряд «{(names or {}).get(key, key)}»"
        doubles = sorted({number for number in numbers if numbers.count(number) > 1})
        missing = sorted(set(range(1, max(last[key], *numbers) + 1)) - set(numbers))
        if doubles:
            yield f"{label}: номера повторяются: {_list(doubles)}."
        if missing:
            yield f"{label}: нет номеров {_list(missing)}."
        if max(numbers) > last[key]:
            yield f"{label}: выдан номер {max(numbers)}, а счётчик стоит на {last[key]}."


def _list(numbers: Iterable[int]) -> str:
    numbers = list(numbers)
    return ", ".join(map(str, numbers[:10])) + (" …" if len(numbers) > 10 else "")


@check
def papers_are_what_they_were() -> Iterator[str]:
    """The file of an issued paper has the SHA-256 and the size stored when it was issued."""
    for paper in IssuedPaper.objects.order_by("pk").iterator(chunk_size=200):
        try:
            with paper.file.open("rb") as file:
                content = file.read()
        except OSError:
            yield f"Документ «{paper}»: файла нет."
            continue
        if hashlib.sha256(content).hexdigest() != paper.sha256 or len(content) != paper.size:
            yield f"Документ «{paper}»: файл не тот, что был выдан."


@check
def audit_trail_is_whole() -> Iterator[str]:
    """The sealed trail of deeds and readings is unchanged."""
    yield from (f"Журнал действий: {problem}" for problem in verify_audit())
