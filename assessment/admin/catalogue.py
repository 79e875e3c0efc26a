from django.contrib import admin
from django.http import HttpRequest

from assessment.models import Programme, Result, ResultImport
from reserve_portal.accounts.enums import Role
from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.templatetags.portal import points

ROWS_OF_A_FILE = (
    ("new", "новые"),
    ("changed", "изменённые"),
    ("unchanged", "без изменений"),
    ("unmatched", "не найдены"),
    ("invalid", "с ошибкой"),
    ("ignored", "пропущены"),
)


@admin.register(Programme)
class ProgrammeAdmin(PortalModelAdmin):
    """Reference data: what learning routes are drafted from (T5)."""

    readers = (Role.OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR)
    editors = (Role.OPERATOR, Role.ADMINISTRATOR)
    list_display = ["name", "section_code", "organiser", "hours", "is_active"]
    list_filter = ["section_code", "is_active"]
    search_fields = ["name", "organiser"]


@admin.register(Result)
class ResultAdmin(PortalModelAdmin):
    """All results; they are stored and corrected from the procedure's page."""

    readers = (Role.OPERATOR, Role.AUDITOR)
    list_display = ["person", "group", "of_procedure", "rank", "shown_points", "passed", "zone"]
    list_filter = ["passed", "zone"]
    list_select_related = ["procedure", "track__application__user", "track__target_group"]
    search_fields = ["track__application__user__search_key"]
    fields = [
        "person",
        "group",
        "of_procedure",
        "shown_points",
        "passed",
        "zone",
        "rank",
        "source",
        "updated_at",
    ]

    @admin.display(description="Кандидат", ordering="track__application__user__last_name")
    def person(self, result: Result) -> str:
        return str(result.track.application.user)

    @admin.display(description="Целевая группа", ordering="track__target_group__name")
    def group(self, result: Result) -> str:
        return str(result.track.target_group)

    @admin.display(description="Процедура", ordering="procedure__name")
    def of_procedure(self, result: Result) -> str:
        return str(result.procedure)

    @admin.display(description="Баллы", ordering="points")
    def shown_points(self, result: Result) -> str:
        return f"{points(result.points)} из {points(result.maximum)}"

    def get_search_results(self, request: HttpRequest, queryset, search_term: str):
        return super().get_search_results(request, queryset, search_term.casefold().replace("ё", "е"))


@admin.register(ResultImport)
class ResultImportAdmin(PortalModelAdmin):
    """Which files the results came from."""

    readers = (Role.OPERATOR, Role.AUDITOR)
    list_display = ["name", "of_procedure", "who", "imported_at"]
    list_select_related = ["procedure", "imported_by"]
    fields = ["name", "of_procedure", "sha256", "outcome", "who", "imported_at"]

    @admin.display(description="Целевая группа", ordering="track__target_group__name")
    def group(self, result: Result) -> str:
        return str(result.track.target_group)

    @admin.display(description="Процедура", ordering="procedure__name")
    def of_procedure(self, row: ResultImport) -> str:
        return str(row.procedure)

    @admin.display(description="Строки файла")
    def outcome(self, row: ResultImport) -> str:
        return ", ".join(f"{words} — {row.summary.get(code, 0)}" for code, words in ROWS_OF_A_FILE)

    @admin.display(description="Кто загрузил")
    def who(self, row: ResultImport) -> str:
        return str(row.imported_by)
