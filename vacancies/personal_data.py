"""Offers, concepts and appointments, for the person's own copy of the data: nobody else's sheets or places."""

from typing import Any

from reserve_portal.core.personal_data import Part, PersonalFile, described, history, personal_data_source

from .models import Concept, OrganisationHead, Referral


@personal_data_source("vacancies", "Предложения вакансий")
def vacancies(user: Any) -> Part:
    """Offers to the person with the answers and what came of them."""
    rows = (
        Referral.objects.filter(reservist__user=user).select_related("vacancy__organisation").order_by("pk")
    )
    return Part(
        [
            {"Вакансия": f"{row.vacancy.post}, {row.vacancy.organisation}"}
            | described(row, "state", "asked_at", "answer_until", "refusal_reason")
            | {"Что произошло": history([row])}
            for row in rows
        ]
    )


@personal_data_source("concepts", "Концепции развития")
def concepts(user: Any) -> Part:
    """Every version of the uploaded concepts; what waits for the virus scanner is named, not given."""
    rows = Concept.objects.filter(referral__reservist__user=user).order_by("pk")
    fields = ("original_name", "version", "size", "sha256", "uploaded_at", "scan")
    return Part(
        [described(row, *fields) for row in rows],
        [
            PersonalFile(
                f"{row.original_name}, версия {row.version}", row.file if row.may_be_opened else None
            )
            for row in rows
        ],
    )


@personal_data_source("headships", "Руководство организацией")
def headships(user: Any) -> Part:
    """The person as the head of an organisation after an appointment from the reserve."""
    rows = OrganisationHead.objects.filter(appointment__referral__reservist__user=user).order_by("pk")
    fields = ("organisation", "name", "since", "contract_until", "birth_year", "left_on")
    return Part([described(row, *fields) for row in rows.select_related("organisation")])
