"""The yearly attestation: plan, borders, instruments, beginning (O4.10, O4.17)."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from commissions.enums import ListState
from commissions.models import DecisionList
from reserve_portal.accounts.models import User
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition

from ..enums import AttestationState
from ..models import Attestation, AttestationEntry, AttestationInstrument, Reservist
from ..rules import points_words
from ..workflow import ATTESTATION


@transaction.atomic
def create_attestation(
    edition: Edition, *, year: int, opens_on: date, closes_on: date, actor: Any
) -> Attestation:
    """Plan the attestation of a year with the edition's borders; raises GateShut where there is none (O4.10)."""
    blockers = []
    if not edition.value("attestation"):
        words = f"Этот порядок аттестации не предусматривает ({edition.clause('attestation')})."
        blockers.append(Blocker(words))
    if Attestation.objects.filter(edition=edition, year=year).exists():
        blockers.append(Blocker(f"Аттестация за {year} год уже есть.", field="year"))
    if closes_on < opens_on:
        blockers.append(Blocker("Последний день не может быть раньше начала.", field="closes_on"))
    require_open(blockers)
    attestation = Attestation.objects.create(
        edition=edition,
        year=year,
        opens_on=opens_on,
        closes_on=closes_on,
        threshold_percent=edition.value("threshold_percent"),
        green_percent=edition.value("green_percent") if edition.value("zones") else None,
    )
    ATTESTATION.start(attestation, actor=actor, label="Аттестация запланирована")
    record_event("reservists.create_attestation", attestation, actor=actor, year=year)
    return attestation


@transaction.atomic
def set_borders(
    attestation: Attestation,
    *,
    threshold_percent: Decimal,
    green_percent: Decimal | None,
    borders_basis: str,
    actor: Any,
) -> None:
    """Store the borders and the decision of the body that approved them and the instruments (O4.17).

    Raises GateShut once the attestation has begun, or where the borders do not fit each other or the edition.
    """
    attestation = _draft(attestation)
    blockers = []
    if not borders_basis.strip():
        words = "Укажите решение: какой орган, протокол, дата."
        blockers.append(Blocker(words, field="borders_basis"))
    if attestation.edition.value("zones") and green_percent is None:
        blockers.append(Blocker("Укажите границу зелёной зоны.", field="green_percent"))
    if green_percent is not None and green_percent < threshold_percent:
        blockers.append(Blocker("Граница зелёной зоны не может быть ниже минимума.", field="green_percent"))
    require_open(blockers)
    attestation.threshold_percent = threshold_percent
    attestation.green_percent = green_percent if attestation.edition.value("zones") else None
    attestation.borders_basis = borders_basis.strip()
    attestation.save(update_fields=["threshold_percent", "green_percent", "borders_basis"])
    record_event(
        "reservists.set_attestation_borders",
        attestation,
        actor=actor,
        threshold=threshold_percent,
        green=attestation.green_percent,
        basis=attestation.borders_basis,
    )


@transaction.atomic
def add_instrument(
    attestation: Attestation, *, name: str, kind: str, maximum: Decimal, weight: int, actor: Any
) -> AttestationInstrument:
    """Add an instrument before the attestation begins; raises GateShut later, ValidationError for a wrong one."""
    instrument = AttestationInstrument(
        attestation=_draft(attestation), name=name.strip(), kind=kind, maximum=maximum, weight=weight
    )
    instrument.full_clean()
    instrument.save()
    record_event("reservists.add_instrument", instrument, actor=actor)
    return instrument


@transaction.atomic
def remove_instrument(instrument: AttestationInstrument, *, actor: Any) -> None:
    """Take an instrument out before the attestation begins; raises GateShut later."""
    attestation = _draft(instrument.attestation)
    record_event("reservists.remove_instrument", attestation, actor=actor, instrument=instrument.name)
    instrument.delete()


def opening_blockers(attestation: Attestation) -> list[Blocker]:
    """What keeps the attestation from beginning (O4.17: the body approves the instruments first)."""
    if attestation.state != AttestationState.DRAFT:
        return [Blocker("Аттестация уже начата.")]
    found = []
    if not attestation.instruments.exists():
        found.append(Blocker("Нет ни одного оценочного средства."))
    if not attestation.borders_basis:
        found.append(Blocker("Не указано, каким решением утверждены порог и средства."))
    if clock.today() < attestation.opens_on:
        found.append(Blocker(f"Аттестация начинается {attestation.opens_on:%d.%m.%Y}."))
    if not Reservist.objects.active().exists():
        found.append(Blocker("В резерве никого нет."))
    return found


@transaction.atomic
def open_attestation(attestation: Attestation, *, actor: Any) -> int:
    """Begin: borders and instruments are frozen, every active reservist gets a line; returns how many (O4.10)."""
    locked = Attestation.objects.select_for_update(of=("self",)).get(pk=attestation.pk)
    require_open(opening_blockers(locked))
    ATTESTATION.apply(attestation, "open", actor=actor)
    people = Reservist.objects.active().order_by("pk").values_list("pk", flat=True)
    entries = [AttestationEntry(attestation=attestation, reservist_id=pk) for pk in people]
    AttestationEntry.objects.bulk_create(entries, batch_size=500)
    _announce(attestation)
    record_event("reservists.open_attestation", attestation, actor=actor, people=len(entries))
    return len(entries)


def _announce(attestation: Attestation) -> None:
    """A letter to everybody who is attested: by which instruments, until when (O4.10, O4.17)."""
    values = {
        "year": attestation.year,
        "until": f"{attestation.closes_on:%d.%m.%Y}",
        "instruments": "\n".join(
            f"— {item.name}, до {points_words(item.maximum)} баллов" for item in attestation.instruments.all()
        ),
    }
    people = User.objects.filter(memberships__attestations__attestation=attestation).distinct()
    for person in people.order_by("pk"):
        key = f"attestation.opened:{attestation.pk}:{person.pk}"
        send_letter("attestation.opened", to=person, key=key, values=values, about=attestation)


def can_enter_points(attestation: Attestation) -> bool:
    """Points are open from the beginning until the list has gone to the body."""
    if attestation.state == AttestationState.OPEN:
        return True
    listed = list_of(attestation) if attestation.state == AttestationState.LISTED else None
    return listed is not None and listed.state == ListState.DRAFT


def list_of(attestation: Attestation) -> DecisionList | None:
    """The list by which the bodies decide about the results."""
    return DecisionList.objects.about(attestation).filter(decision=Decision.ATTESTATION).first()


def _draft(attestation: Attestation) -> Attestation:
    row = Attestation.objects.select_for_update(of=("self",)).select_related("edition").get(pk=attestation.pk)
    if row.state != AttestationState.DRAFT:
        require_open([Blocker("Аттестация начата: порог и средства закреплены.")])
    return row
