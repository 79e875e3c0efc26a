from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from reserve_portal.core.admin_base import PortalModelAdmin, confirm_page
from reserve_portal.core.downloads import generated_file
from reserve_portal.core.forms import PortalForm
from reserve_portal.core.search import search_key
from reserve_portal.core.table_imports import take_table
from reserve_portal.core.tables import SHEET_TYPE, write_xlsx

from . import schools
from .enums import Role
from .forms import InviteForm, InviteHeadForm, ResetFactorForm, RolesForm, SchoolsForm
from .models import Municipality, Organisation, User
from .services import (
    change_roles,
    close_account,
    invite_head,
    invite_person,
    reopen_account,
    reset_second_factor,
    send_invitation,
)

# The libraries' own pages would show a superuser the secrets of second factors and let roles be changed unrecorded.
admin.site.unregister([Authenticator, EmailAddress, Group])


def _people() -> str:
    return reverse("admin:accounts_user_changelist")


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


class RoleFilter(admin.SimpleListFilter):
    title = "Роль"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(code), str(label)) for code, label in Role.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class UserAdmin(PortalModelAdmin):
    readers = ("administrator", "operator")
    list_display = ["name", "email", "post", "municipality", "is_active"]
    list_filter = [RoleFilter, "is_active"]
    list_select_related = ["municipality"]
    search_fields = ["search_key"]
    search_help_text = "Фамилия, имя, отчество или адрес"
    ordering = ["search_key", "pk"]
    sortable_by = ()
    fields = [
        "email",
        "last_name",
        "first_name",
        "patronymic",
        "phone",
        "post",
        "municipality",
        "organisation",
        "is_active",
        "date_joined",
    ]

    change_list_template = "admin/accounts/people.html"
    actions = ["invite_again", "roles", "reset_factor", "close", "reopen"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """By the beginning of the full name or of the address, which an index serves; else by any part of them."""
        key = search_key(search_term)
        if not key:
            return queryset, False
        by_name = User.objects.filter(search_key__prefix=key).order_by().values("pk")
        by_address = User.objects.filter(email__prefix=key).order_by().values("pk")
        found = by_name.union(by_address)
        if not found.exists():
            return queryset.filter(search_key__contains=key), False
        return queryset.filter(pk__in=by_name.union(by_address)), False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_invite_permission(request)

    def has_invite_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return user.has_role(Role.ADMINISTRATOR)

    def get_urls(self) -> list[Any]:
        pages = {
            "roles": self.roles_page,
            "reset_factor": self.reset_factor_page,
            "close": self.close_page,
            "reopen": self.reopen_page,
        }
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"accounts_user_{name}")
            for name, view in pages.items()
        ]
        head = path(
            "invite-head/",
            self.admin_site.admin_view(self.invite_head_page),
            name="accounts_user_invite_head",
        )
        return [head, *own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Officials and staff are invited; candidates sign up by themselves."""
        if not self.has_invite_permission(request):
            raise PermissionDenied
        return confirm_page(
            request,
            "Пригласить сотрудника или должностное лицо",
            ["Человек получит письмо со ссылкой, по которой задаст пароль."],
            InviteForm(_posted(request)),
            lambda data: invite_person(actor=request.user, **data),
            "Приглашение отправлено.",
            _people(),
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        own = {"may_invite_heads": self._may_invite_heads(request)}
        return super().changelist_view(request, {**own, **(extra_context or {})})

    def _may_invite_heads(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return user.has_role(Role.OPERATOR)

    def invite_head_page(self, request: HttpRequest) -> HttpResponse:
        """The operator knows the heads of the schools, so he or she invites them, for this one role (T1)."""
        if not self._may_invite_heads(request):
            raise PermissionDenied
        return confirm_page(
            request,
            "Пригласить руководителя организации",
            [
                "Он сможет выдвигать кандидатов от имени своей организации и видеть, на каком шаге их заявления.",
                "Новый человек получит письмо со ссылкой, по которой задаст пароль.",
                "У кого учётная запись уже есть, получит роль «выдвигающий»; его организация и должность обновятся.",
            ],
            InviteHeadForm(_posted(request)),
            lambda data: invite_head(actor=request.user, **data),
            "Руководитель сможет выдвигать кандидатов.",
            _people(),
        )

    @admin.action(description="Отправить приглашение ещё раз", permissions=["invite"])
    def invite_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        waiting = [user for user in queryset.filter(is_active=True) if not user.has_usable_password()]
        for user in waiting:
            send_invitation(user)
        messages.info(
            request, f"Отправлено приглашений: {len(waiting)}. Кто уже задал пароль, письма не получит."
        )

    @admin.action(description="Изменить роли", permissions=["invite"])
    def roles(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._page_of_one(request, queryset, "roles")

    @admin.action(description="Сбросить второй фактор входа", permissions=["invite"])
    def reset_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._page_of_one(request, queryset, "reset_factor")

    @admin.action(description="Закрыть учётную запись", permissions=["invite"])
    def close(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._page_of_one(request, queryset, "close")

    @admin.action(description="Открыть учётную запись снова", permissions=["invite"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._page_of_one(request, queryset, "reopen")

    def roles_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self._invited(request, pk)
        return confirm_page(
            request,
            f"Роли: {user}",
            ["Отмеченные роли человек получит, неотмеченные потеряет — сразу же."],
            RolesForm(_posted(request), initial={"roles": sorted(user.roles)}),
            lambda data: change_roles(user, roles=data["roles"], actor=request.user),
            "Роли изменены.",
            _people(),
        )

    def reset_factor_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For who has lost both the phone and the recovery codes."""
        user = self._invited(request, pk)
        return confirm_page(
            request,
            f"Сбросить второй фактор: {user}",
            [
                "Сначала убедитесь, что просит сам человек: позвоните ему по известному вам номеру или встретьтесь.",
                "Коды из приложения и запасные коды перестанут действовать, все его сеансы закончатся.",
                "Человек получит письмо; при следующем входе портал попросит служебную роль включить новый фактор.",
            ],
            ResetFactorForm(_posted(request)),
            lambda data: reset_second_factor(user, actor=request.user, reason=data["reason"]),
            "Второй фактор сброшен, человеку отправлено письмо.",
            _people(),
        )

    def close_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self._invited(request, pk)
        return confirm_page(
            request,
            f"Закрыть учётную запись: {user}",
            ["Войти будет нельзя. Документы и история останутся."],
            PortalForm(_posted(request)),
            lambda data: close_account(user, actor=request.user),
            "Учётная запись закрыта.",
            _people(),
        )

    def reopen_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self._invited(request, pk)
        return confirm_page(
            request,
            f"Открыть учётную запись: {user}",
            ["Человек снова сможет войти, с прежними ролями."],
            PortalForm(_posted(request)),
            lambda data: reopen_account(user, actor=request.user),
            "Учётная запись открыта.",
            _people(),
        )

    def _invited(self, request: HttpRequest, pk: int) -> User:
        if not self.has_invite_permission(request):
            raise PermissionDenied
        return get_object_or_404(User, pk=pk)

    def _page_of_one(self, request: HttpRequest, queryset: QuerySet[User], page: str) -> HttpResponse | None:
        if queryset.count() != 1:
            messages.error(request, "Выберите одного человека.")
            return None
        return redirect(f"admin:accounts_user_{page}", queryset.get().pk)

    @admin.display(description="Фамилия, имя, отчество")
    def name(self, user: User) -> str:
        return user.full_name


@admin.register(Municipality)
class MunicipalityAdmin(PortalModelAdmin):
    editors = ("administrator", "operator")
    list_display = ["name", "oktmo", "is_active"]
    search_fields = ["name", "oktmo"]


@admin.register(Organisation)
class OrganisationAdmin(PortalModelAdmin):
    editors = ("administrator", "operator")
    list_display = ["name", "short_name", "municipality", "kind", "ogrn", "is_active"]
    list_filter = ["municipality", "kind", "is_active"]
    list_select_related = ["municipality"]
    search_fields = ["name", "short_name", "ogrn", "inn"]
    search_help_text = "Название, ОГРН или ИНН"

    def get_urls(self) -> list[Any]:
        pages = {"import": self.import_page, "sample": self.sample_page}
        own = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"accounts_organisation_{name}")
            for name, view in pages.items()
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        deeds = []
        if self.has_add_permission(request):
            deeds = [("Загрузить из таблицы", reverse("admin:accounts_organisation_import"))]
        return super().changelist_view(request, {"list_deeds": deeds, **(extra_context or {})})

    def sample_page(self, request: HttpRequest) -> HttpResponseBase:
        """An empty table with the headings that the import reads."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        rows = [["Город Томск", "Школа № 1 (образец: удалите эту строку)", "Школа № 1", "", "", ""]]
        return generated_file(
            write_xlsx("Организации", schools.HEADINGS, rows), "Организации.xlsx", SHEET_TYPE
        )

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Read a table, show what it would change and what is wrong by row; a second POST does all or nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SchoolsForm(None if "rows" in request.POST else _posted(request), request.FILES or None)
        step = take_table(
            request,
            form,
            salt=schools.SALT,
            read=lambda data: schools.read_schools(data["file"].read()),
            plan=schools.plan_import,
            store=lambda rows: schools.import_schools(rows, actor=request.user),
        )
        plan, above = step.plan, reverse("admin:accounts_organisation_changelist")
        if step.stored:
            messages.success(request, f"Загружено: новых — {len(plan.new)}, изменено — {len(plan.changed)}.")
            return redirect(above)
        context = {
            **self.admin_site.each_context(request),
            "title": "Организации из таблицы",
            "above": [(above, "Организации")],
            "intro": [
                f"Столбцы: {', '.join(schools.HEADINGS)}. Обязательны первые два; муниципальное образование — "
                "названием или кодом ОКТМО. Та же таблица во второй раз ничего не удвоит."
            ],
            "step": step,
            "form": form,
            "summary": f"Новых: {len(plan.new)}, изменится: {len(plan.changed)}, без изменений: {plan.same}."
            if plan
            else "",
            "sections": [
                ("Новые", [f"{row.name} — {row.municipality}" for row in plan.new]),
                ("Изменятся", [f"{row.name}: {'; '.join(words)}" for row, words in plan.changed]),
            ]
            if plan
            else [],
            "store_label": "Загрузить",
            "known_words": "Всё это в справочнике уже есть.",
            "again": reverse("admin:accounts_organisation_import"),
            "back": above,
            "sample": reverse("admin:accounts_organisation_sample"),
        }
        return TemplateResponse(request, "admin/table_import.html", context)
