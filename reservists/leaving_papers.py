"""Papers of attestation, leaving and effectiveness (O4.20, O6.3, O7.1)."""

from collections.abc import Iterable
from typing import Any

from commissions.models import DecisionList
from commissions.services import basis_of
from reserve_portal.papers.kinds import PaperKind, register_paper
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper

from .models import Attestation, MinistryList
from .perms import can_see_registry


def may_read(user: Any, paper: IssuedPaper) -> bool:
    """Confidential like the registry (O8.3)."""
    return can_see_registry(user)


MINISTRY_LIST = register_paper(
    PaperKind(
        code="ministry_list",
        title="Список лиц, рекомендованных к исключению",
        template="reservists/pdf/ministry_list.html",
        number="{number}/{year}",
        series="ministry-list:{year}",
        may_read=may_read,
    )
)
ATTESTATION_SHEET = register_paper(
    PaperKind(
        code="attestation_sheet",
        title="Ведомость итоговой аттестации",
        template="reservists/pdf/attestation_sheet.html",
        number="{number}/{year}",
        series="attestation-sheet:{year}",
        may_read=may_read,
        landscape=True,
    )
)
EFFECTIVENESS = register_paper(
    PaperKind(
        code="effectiveness",
        title="Отчёт об эффективности работы с кадровым резервом",
        template="reservists/pdf/effectiveness.html",
        number="{number}/{year}",
        series="effectiveness:{year}",
        may_read=may_read,
    )
)


def issue_ministry_list(sent: MinistryList, lists: Iterable[DecisionList], *, actor: Any) -> IssuedPaper:
    """Issue the list of those recommended for exclusion, with ground and protocol (O6.3)."""
    rows = [
        {"line": line, "basis": basis_of(decision_list)}
        for decision_list in lists
        for line in decision_list.lines.all()
        if line.standing
    ]
    context = {"edition": sent.edition, "rows": rows, "signed_by": actor.short_name}
    return issue_paper(MINISTRY_LIST.code, sent, context, actor=actor, dated=sent.sent_on)


def issue_attestation_sheet(attestation: Attestation, *, actor: Any) -> IssuedPaper:
    """Issue the sheet: everybody's points by instrument, sum, zone, place; who was absent and why (O4.17-4.19)."""
    instruments = list(attestation.instruments.all())
    rows = [
        {"entry": entry, "cells": [entry.points_by_instrument().get(item.pk) for item in instruments]}
        for entry in attestation.entries.in_order()
    ]
    context = {
        "edition": attestation.edition,
        "attestation": attestation,
        "instruments": instruments,
        "rows": rows,
        "signed_by": actor.short_name,
    }
    return issue_paper(
        ATTESTATION_SHEET.code, attestation, context, actor=actor, title=f"Ведомость: {attestation}"
    )
