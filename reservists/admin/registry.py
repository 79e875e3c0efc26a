"""Editions of the registry in the operator's admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html

from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.services import edition_in_force

from ..forms import InclusionForm, StopForm
from ..leaving_forms import ReportForm
from ..models import RegistryEdition
from ..papers import issue_not_included
from ..services.dissemination import consents_to_stop, stop_dissemination
from ..services.indicators import issue_report
from ..services.membership import make_inclusion_list, procedures_to_decide
from ..services.registry import confirm_registry, issue_public_form, issue_registry, publish_registry
from ..workflow import REGISTRY
from .pages import CaseAdmin, Tool, address_of, deed_page


@admin.register(RegistryEdition)
class RegistryEditionAdmin(CaseAdmin):
    list_display = ["number", "approved_on", "basis", "state", "files"]
    list_filter = ["state"]
    list_select_related = ["paper"]
    fields = [
        "number",
        "edition",
        "decision_list",
        "approved_on",
        "basis",
        "state",
        "published_at",
        "size",
        "files",
    ]
    readonly_fields = ["files"]

    @admin.display(description="Файлы")
    def files(self, registry: RegistryEdition) -> str:
        if registry.paper_id and registry.table:
            return format_html(
                '<a href="{}">PDF</a> · <a href="{}">XLSX</a>',
                reverse("papers:download", args=[registry.paper_id]),
                reverse("reservists:registry_table", args=[registry.pk]),
            )
        if registry.job_id:
            return format_html(
                '<a href="{}">готовятся</a>', reverse("reservists:registry_progress", args=[registry.pk])
            )
        return "не выпущены"

    def get_urls(self) -> list[Any]:
        deeds: dict[str, tuple[Any, str]] = {
            "inclusion/": (self.inclusion, "inclusion"),
            "confirm/": (self.confirm, "confirm"),
            "effectiveness/": (self.effectiveness, "effectiveness"),
            "stop/": (self.stop, "stop"),
            "<int:pk>/issue/": (self.issue, "issue"),
            "<int:pk>/publish/": (self.publish, "publish"),
            "<int:pk>/public-form/": (self.public_form, "public_form"),
            "<int:pk>/not-included/": (self.not_included, "not_included"),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"reservists_registryedition_{name}")
            for route, (view, name) in deeds.items()
        ]
        return [*own, *super().get_urls()]

    def list_tools(self) -> list[Tool]:
        found = [
            ("Составить список для включения", self.page("inclusion")),
            ("Отчёт об эффективности", self.page("effectiveness")),
        ]
        if edition_in_force().time_limits.filter(closes="registry.revised").exists():
            found.append(("Реестр проверен, изменений нет", self.page("confirm")))
        if consents_to_stop().exists():
            found.append(("Прекратить публикацию по отзыву согласия", self.page("stop")))
        return found

    def tools(self, obj: Any) -> list[Tool]:
        found = [
            ("Строки реестра", reverse("reservists:registry", args=[obj.pk])),
            ("Что изменилось", reverse("reservists:registry_difference", args=[obj.pk])),
        ]
        if not obj.paper_id or not obj.table:
            found.append(("Выпустить PDF и XLSX", self.page("issue", obj.pk)))
        if obj.edition.value("public_list"):
            if REGISTRY.is_open(obj, "publish"):
                found.append(("Опубликовать список", self.page("publish", obj.pk)))
            else:
                found.append(("Список на сайте", reverse("reservists:public_list")))
                found.append(("Публичная форма в PDF", self.page("public_form", obj.pk)))
        if obj.decision_list and obj.decision_list.decision == Decision.INCLUSION:
            found.append(("Список не включённых", self.page("not_included", obj.pk)))
        return found

    def inclusion(self, request: HttpRequest) -> HttpResponse:
        """Make the list for inclusion of an ended procedure (T4)."""
        blockers = []
        if not procedures_to_decide().exists():
            blockers = [Blocker("Нет законченной процедуры оценки, по которой список ещё не составлен.")]
        return deed_page(
            request,
            title="Составить список для включения",
            blockers=blockers,
            effects=[
                "В список войдут все оценённые; предложение портала — по точным баллам и порогу.",
                "Список останется черновиком, пока вы не передадите его органу.",
            ],
            form=InclusionForm(request.POST or None),
            deed=lambda form: address_of(
                make_inclusion_list(form.cleaned_data["procedure"], actor=request.user)
            ),
            back=self.page("changelist"),
            submit_label="Составить список",
            done="Список составлен. Проверьте его и передайте органу.",
        )

    def confirm(self, request: HttpRequest) -> HttpResponse:
        """Note that the registry was looked through and nothing has changed (O3.24)."""

        def deed(form: Any) -> str:
            confirm_registry(actor=request.user)
            return self.page("changelist")

        return deed_page(
            request,
            title="Реестр проверен, изменений нет",
            effects=[
                "Квартальный срок обновления реестра будет закрыт.",
                "Запись останется в журнале действий.",
            ],
            deed=deed,
            back=self.page("changelist"),
            done="Отмечено.",
        )

    def stop(self, request: HttpRequest) -> HttpResponse:
        """Note that nothing of those who withdrew the consent is published any more (152-FZ, art. 10.1)."""

        def deed(form: Any) -> str:
            for consent in form.cleaned_data["consents"]:
                stop_dissemination(consent, actor=request.user)
            return self.page("changelist")

        blockers = []
        if not consents_to_stop().exists():
            blockers = [Blocker("Нет отозванных согласий, по которым нужно прекратить публикацию.")]
        return deed_page(
            request,
            title="Прекратить публикацию по отзыву согласия",
            blockers=blockers,
            effects=[
                "На сайте имя скрыто с момента отзыва; остаток будет удалён и из опубликованных строк.",
                "Сначала снимите то, что портал снять не может: публичную форму в PDF и списки на других сайтах.",
                "Срок прекращения публикации будет закрыт.",
            ],
            form=StopForm(request.POST or None, initial={"consents": consents_to_stop()}),
            deed=deed,
            back=self.page("changelist"),
            submit_label="Публикация прекращена",
            done="Отмечено.",
        )

    def effectiveness(self, request: HttpRequest) -> HttpResponse:
        """Issue the report on the effectiveness of a year (O7.1)."""
        return deed_page(
            request,
            title="Отчёт об эффективности работы с резервом",
            effects=[
                "Будет выдан документ с номером: показатели за год и нарастающим итогом за два и три года.",
                "Срок ежегодной оценки будет закрыт.",
            ],
            form=ReportForm(request.POST or None, initial={"year": clock.today().year}),
            deed=lambda form: reverse(
                "papers:download",
                args=[issue_report(edition_in_force(), actor=request.user, **form.cleaned_data).pk],
            ),
            back=self.page("changelist"),
            submit_label="Выпустить отчёт",
        )

    def issue(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Order the PDF and the XLSX."""
        registry = get_object_or_404(RegistryEdition, pk=pk)

        def deed(form: Any) -> str:
            issue_registry(registry, actor=request.user)
            return reverse("reservists:registry_progress", args=[pk])

        effects = [
            "Файлы готовятся отдельно, ход виден на следующей странице.",
            "Выпущенный документ не меняется.",
        ]
        title = f"Выпустить файлы: {registry}"
        return deed_page(request, title=title, effects=effects, deed=deed, back=address_of(registry))

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish the list on the site (T4)."""
        registry = get_object_or_404(RegistryEdition, pk=pk)

        def deed(form: Any) -> str:
            publish_registry(registry, actor=request.user)
            return address_of(registry)

        return deed_page(
            request,
            title=f"Опубликовать список: {registry}",
            effects=[
                "Список появится на публичном сайте вместо прежнего.",
                "Имена — только с согласия на публикацию, в остальных строках регистрационный номер.",
            ],
            deed=deed,
            back=address_of(registry),
            submit_label="Опубликовать",
            done="Список опубликован.",
        )

    def public_form(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Order the public form as PDF."""
        registry = get_object_or_404(RegistryEdition, pk=pk)

        def deed(form: Any) -> str:
            issue_public_form(registry, actor=request.user)
            return reverse("admin:papers_issuedpaper_changelist")

        effects = ["Имена — по согласиям, действующим сейчас.", "Документ появится в списке выданных."]
        title = f"Публичная форма: {registry}"
        return deed_page(
            request,
            title=title,
            effects=effects,
            deed=deed,
            back=address_of(registry),
            done="Документ готовится.",
        )

    def not_included(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Issue the list of those who did not get in (T4)."""
        registry = get_object_or_404(RegistryEdition.objects.select_related("decision_list__edition"), pk=pk)

        def deed(form: Any) -> str:
            decision_list = registry.decision_list
            return address_of(issue_not_included(decision_list, actor=request.user)) if decision_list else "."

        effects = ["Будет выдан документ с номером: имена, баллы, причины."]
        title = "Выпустить список не включённых"
        return deed_page(
            request,
            title=title,
            effects=effects,
            deed=deed,
            back=address_of(registry),
            done="Документ выдан.",
        )
