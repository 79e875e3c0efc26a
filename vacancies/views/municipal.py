"""The municipality's desk, and the vacancies as those see them who read all."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from reserve_portal.core.search import search_key
from reserve_portal.core.timeline import timeline_of
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline
from reserve_portal.regulations.services import edition_in_force

from .. import perms
from ..enums import ReferralState, VacancyState
from ..forms import AppointmentForm, ReasonForm, ReportForm
from ..models import Appointment, Vacancy
from ..next_step import steps_of, waits_for
from ..services.appointment import fall_through, record_appointment
from ..services.cases import cancel_vacancy, late_by, lateness_of, report_vacancy
from ..workflow import VACANCY
from .common import PAGE_SIZE, demand, succeeds

# Until someone is presented, a municipality sees no names of the reserve.
SHOWN_TO_MUNICIPALITY = (
    ReferralState.PRESENTED,
    ReferralState.RECOMMENDED,
    ReferralState.NOT_RECOMMENDED,
    ReferralState.AGREED,
    ReferralState.RESERVE,
    ReferralState.APPOINTED,
)


def vacancy_list(request: HttpRequest) -> HttpResponse:
    """Vacancies this person may see, open ones first to filter."""
    user: Any = request.user
    demand(perms.can_list_vacancies(user))
    rows = Vacancy.objects.visible_to(user).select_related("organisation", "municipality")
    chosen = request.GET.get("state", "")
    if chosen == "open":
        rows = rows.open()
    elif chosen in VacancyState.values:
        rows = rows.filter(state=chosen)
    words = request.GET.get("q", "").strip()
    if words:
        rows = rows.filter(search_key__contains=search_key(words))
    page = Paginator(rows.select_related("edition"), PAGE_SIZE).get_page(request.GET.get("page"))
    lateness = lateness_of(list(page.object_list))
    context = {
        "page": page,
        "rows": [(vacancy, lateness[vacancy.pk]) for vacancy in page.object_list],
        "may_report": perms.can_report_vacancy(user),
        "states": [("open", "не закрытые"), *VacancyState.choices],
        "chosen": chosen,
        "words": words,
        "whole_region": user.has_any_role("operator", "authority", "auditor"),
    }
    return render(request, "vacancies/list.html", context)


def report(request: HttpRequest) -> HttpResponse:
    """A municipal official reports a vacancy (T8)."""
    user: Any = request.user
    demand(perms.can_report_vacancy(user))
    edition = edition_in_force()
    form = ReportForm(request.POST or None, user=user, edition=edition)
    form.cancel_url = reverse("vacancies:list")
    made: list[Vacancy] = []
    if request.method == "POST" and form.is_valid():

        def deed() -> None:
            made.append(
                report_vacancy(
                    edition=edition, municipality=user.municipality, actor=user, **form.cleaned_data
                )
            )

        if succeeds(request, deed, form):
            late = late_by(made[0])
            if late:
                messages.warning(
                    request,
                    f"О вакансии сообщено с опозданием, рабочих дней: {late}. Объясните причину департаменту.",
                )
            else:
                messages.success(
                    request, "О вакансии сообщено в срок. Письмо департаменту готово, копия ушла оператору."
                )
            return redirect("vacancies:case", made[0].pk)
    limit = edition.time_limits.filter(starts="vacancy.arose", closes="vacancy.reported").first()
    return render(request, "vacancies/report.html", {"form": form, "limit": limit})


def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One vacancy: state, who acts next, people as far as this reader may see, limits, papers, history."""
    user: Any = request.user
    rows = Vacancy.objects.visible_to(user).select_related(
        "edition", "organisation", "municipality", "target_group"
    )
    vacancy = get_object_or_404(rows, pk=pk)
    readers = user.has_any_role("operator", "authority", "auditor")
    municipal = perms.can_record_appointment(user, vacancy)
    demand(readers or municipal)
    referrals = vacancy.referrals.select_related("reservist__user", "agreement")
    if not readers:
        referrals = referrals.filter(state__in=SHOWN_TO_MUNICIPALITY)
    appointments = list(vacancy.appointments.all())
    shown = list(referrals)
    in_force = next((item for item in appointments if item.fell_through_at is None), None)
    context = {
        "vacancy": vacancy,
        "steps": steps_of(vacancy),
        "waits": waits_for(vacancy),
        "late": late_by(vacancy),
        "meeting": _defence_meeting(vacancy),
        "referrals": shown,
        "agreements": [item.agreement for item in shown if hasattr(item, "agreement")],
        "appointments": appointments,
        "deadlines": Deadline.objects.about(vacancy).select_related("limit"),
        "papers": IssuedPaper.objects.about(vacancy),
        "timeline": timeline_of([vacancy]),
        "in_force": in_force,
        "may_appoint": municipal and VACANCY.is_open(vacancy, "fill") and _somebody_to_appoint(vacancy),
        "may_cancel": perms.can_cancel_vacancy(user, vacancy),
        "may_fall_through": municipal and in_force is not None,
        "may_open_nominees": readers,
    }
    return render(request, "vacancies/case.html", context)


def _defence_meeting(vacancy: Vacancy) -> Any:
    """The meeting that hears the concepts, while it is still ahead or goes on; else None."""
    if vacancy.state != VacancyState.DEFENCE:
        return None
    defence = vacancy.defences.select_related("meeting").first()
    return defence and defence.meeting


def _somebody_to_appoint(vacancy: Vacancy) -> bool:
    if not vacancy.edition.value("only_from_reserve"):
        return True
    needed = ReferralState.AGREED if vacancy.edition.value("agreement") else ReferralState.RECOMMENDED
    return vacancy.referrals.filter(state=needed).exists()


def _passed_by(vacancy: Vacancy) -> str:
    """Whom an order about somebody else would pass by: the presented, about whom the body has not decided yet."""
    waiting = vacancy.referrals.filter(state=ReferralState.PRESENTED).select_related("reservist__user")
    names = ", ".join(row.reservist.user.full_name for row in waiting)
    if not names:
        return ""
    return (
        f"На эту вакансию представлен резервист: {names}. {waits_for(vacancy).what} Если внести приказ о другом "
        "человеке сейчас, дело закроется, и резервист рассмотрен не будет."
    )


def _own_vacancy(request: HttpRequest, pk: int) -> Vacancy:
    """The vacancy for a deed of its municipality: foreign 404, not a municipality 403."""
    vacancy = get_object_or_404(
        Vacancy.objects.visible_to(request.user).select_related("edition", "organisation", "municipality"),
        pk=pk,
    )
    demand(perms.can_record_appointment(request.user, vacancy))
    return vacancy


def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """The municipality records its order (T9)."""
    vacancy = _own_vacancy(request, pk)
    form = AppointmentForm(request.POST or None, vacancy=vacancy)
    form.cancel_url = reverse("vacancies:case", args=[pk])
    if (
        request.method == "POST"
        and form.is_valid()
        and succeeds(
            request, lambda: record_appointment(vacancy, actor=request.user, **form.cleaned_data), form
        )
    ):
        messages.success(request, "Назначение записано, вакансия закрыта.")
        return redirect("vacancies:case", pk)
    context = {
        "vacancy": vacancy,
        "form": form,
        "title": "Назначение руководителя",
        "lead": "Внесите приказ о назначении. После этого вакансия закроется, а резервист станет «назначен».",
        "warning": _passed_by(vacancy),
    }
    return render(request, "vacancies/deed.html", context)


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """The municipality takes its vacancy back."""
    vacancy = _own_vacancy(request, pk)
    form = ReasonForm(request.POST or None)
    form.cancel_url = reverse("vacancies:case", args=[pk])
    form.submit_label, form.danger = "Снять вакансию", True
    form.helper = form.build_helper()
    if (
        request.method == "POST"
        and form.is_valid()
        and succeeds(request, lambda: cancel_vacancy(vacancy, actor=request.user, **form.cleaned_data), form)
    ):
        messages.success(request, "Вакансия снята. Все, кого спросили или представили, получат письмо.")
        return redirect("vacancies:case", pk)
    context = {
        "vacancy": vacancy,
        "form": form,
        "title": "Снять вакансию",
        "lead": "Рассмотрение прекратится, резервисты освободятся и узнают причину из письма.",
    }
    return render(request, "vacancies/deed.html", context)


def undo_appointment(request: HttpRequest, pk: int) -> HttpResponse:
    """The appointment fell through: the case opens again."""
    visible = Appointment.objects.filter(vacancy__in=Vacancy.objects.visible_to(request.user))
    appointment = get_object_or_404(visible.select_related("vacancy"), pk=pk)
    demand(perms.can_record_appointment(request.user, appointment.vacancy))
    form = ReasonForm(request.POST or None)
    form.cancel_url = reverse("vacancies:case", args=[appointment.vacancy_id])
    form.submit_label = "Записать"
    form.helper = form.build_helper()
    if (
        request.method == "POST"
        and form.is_valid()
        and succeeds(
            request, lambda: fall_through(appointment, actor=request.user, **form.cleaned_data), form
        )
    ):
        state = Vacancy.objects.values_list("state", flat=True).get(pk=appointment.vacancy_id)
        further = (
            "Теперь рассматривается человек с резервного места."
            if state == VacancyState.RECOMMENDED
            else "Подбор возобновлён."
        )
        messages.success(request, f"Записано: назначение не состоялось. {further}")
        return redirect("vacancies:case", appointment.vacancy_id)
    context = {
        "vacancy": appointment.vacancy,
        "form": form,
        "title": "Назначение не состоялось",
        "lead": "Резервист останется в резерве. Если есть рекомендованный на резервном месте, дело продолжится с ним, "
        "иначе вернётся к подбору.",
    }
    return render(request, "vacancies/deed.html", context)
