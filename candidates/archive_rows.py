"""One person of an archive against the edition: what the row and the files mean, and what is wrong with them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from reserve_portal.accounts.forms import is_name
from reserve_portal.accounts.models import Municipality
from reserve_portal.core import clock
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.parameters import NOMINATION_KINDS

from .archive import EDUCATION, EDUCATION_COLUMNS, PEOPLE_COLUMNS, WORK, WORK_COLUMNS, PersonRow
from .entry_forms import NOON
from .enums import EducationField, EducationLevel, EmploymentKind
from .forms import EducationForm, EmploymentForm, QuestionnaireForm
from .services.profiles import PROFILE_FIELDS

YES_NO = {"да": "true", "нет": "false", "": ""}
CITIZENSHIP = {"рф": "RU", "россия": "RU", "российская федерация": "RU", "другое": "XX", "": ""}
CONSENT = "consent_"


@dataclass
class Plan:
    """What will be entered for one person; `problems` are sentences, empty when the row is fit to enter."""

    row: PersonRow
    received_at: datetime | None = None
    consented_on: date | None = None
    profile: dict[str, Any] = field(default_factory=dict)
    education: list[dict[str, Any]] = field(default_factory=list)
    work: list[dict[str, Any]] = field(default_factory=list)
    nominations: list[str] = field(default_factory=list)
    groups: list[Any] = field(default_factory=list)
    documents: list[tuple[str, str]] = field(
        default_factory=list
    )  # code of the document, member of the archive
    consents: dict[str, str] = field(default_factory=dict)  # kind of the consent, member of the archive
    problems: list[str] = field(default_factory=list)


class Reader:
    """Reads rows by one edition; what is looked up is loaded once."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.towns = {town.name.casefold(): town.pk for town in Municipality.objects.filter(is_active=True)}
        self.codes = [kind.code for kind in edition.document_types.all()]
        self.consent_kinds = {text.kind for text in edition.consent_texts.all()}
        self.groups = list(edition.target_groups.all())
        self.kinds = {kind: NOMINATION_KINDS[kind] for kind in edition.value("nomination_kinds")}

    def plan(self, row: PersonRow) -> Plan:
        """Read one person; everything wrong is named at once."""
        plan = Plan(row)
        self._names(plan)
        plan.received_at = self._moment(plan, "received", "Поступило")
        consented = self._moment(plan, "consented_on", "Дата согласий")
        plan.consented_on = clock.local(consented).date() if consented else None
        self._questionnaire(plan)
        self._rows(plan)
        self._choices(plan)
        self._files(plan)
        return plan

    def _names(self, plan: Plan) -> None:
        cells = plan.row.cells
        for name, label in (("last_name", "Фамилия"), ("first_name", "Имя"), ("patronymic", "Отчество")):
            value = cells[name]
            try:
                if value or name != "patronymic":
                    is_name(value)
                if len(value) > 100:
                    raise ValidationError("слишком длинно")
            except ValidationError:
                plan.problems.append(f"{label}: проверьте «{value[:60]}».")
        try:
            validate_email(cells["email"])
        except ValidationError:
            plan.problems.append(f"Адрес почты: проверьте «{cells['email'][:80]}».")

    def _moment(self, plan: Plan, name: str, label: str) -> datetime | None:
        text = plan.row.cells[name]
        if not text:
            if name == "received":
                plan.problems.append(f"{label}: укажите дату.")
            return None
        for pattern in ("%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d"):
            try:
                moment = datetime.strptime(text, pattern)
            except ValueError:
                continue
            if moment.time() != time.min:
                return clock.at(moment.date(), moment.time())
            noon = clock.at(moment.date(), NOON)
            return min(noon, clock.now()) if moment.date() == clock.today() else noon
        plan.problems.append(f"{label}: дата «{text[:40]}» не читается, нужно 05.03.2026.")
        return None

    def _questionnaire(self, plan: Plan) -> None:
        cells = dict(plan.row.cells)
        data: dict[str, Any] = {name: cells[name] for name in PROFILE_FIELDS}
        for name in ("no_criminal_record", "state_language", "ready_to_move"):
            data[name] = self._coded(plan, name, cells[name], YES_NO)
        data["citizenship"] = self._coded(plan, "citizenship", cells["citizenship"], CITIZENSHIP)
        town = cells["municipality"]
        data["municipality"] = self.towns.get(town.casefold(), "") if town else ""
        if town and not data["municipality"]:
            plan.problems.append(f"Муниципальное образование: «{town[:80]}» нет в справочнике.")
        form = QuestionnaireForm(data)
        if not form.is_valid():
            _tell(plan, form, "")
        given = {name for name in PROFILE_FIELDS if data[name] not in ("", None)}
        plan.profile = {name: value for name, value in form.cleaned_data.items() if name in given}

    def _rows(self, plan: Plan) -> None:
        levels, fields, kinds = (
            _codes(choices) for choices in (EducationLevel, EducationField, EmploymentKind)
        )
        for number, cells in plan.row.education:
            data = {**cells, "level": _code(cells["level"], levels), "field": _code(cells["field"], fields)}
            self._row(plan, EducationForm(data), f"Лист «{EDUCATION}», строка {number}: ", plan.education)
        for number, cells in plan.row.work:
            form = EmploymentForm({**cells, "kind": _code(cells["kind"], kinds)})
            self._row(plan, form, f"Лист «{WORK}», строка {number}: ", plan.work)

    def _row(self, plan: Plan, form: forms.ModelForm, where: str, into: list[dict[str, Any]]) -> None:
        if form.is_valid():
            into.append(form.cleaned_data)
        else:
            _tell(plan, form, where)

    def _choices(self, plan: Plan) -> None:
        kinds = {words.casefold(): kind for kind, words in self.kinds.items()} | {
            kind: kind for kind in self.kinds
        }
        for words in _parts(plan.row.cells["nominations"]) or list(self.kinds)[:1]:
            if words.casefold() in kinds:
                plan.nominations.append(kinds[words.casefold()])
            else:
                plan.problems.append(f"Выдвижение: «{words[:60]}» порядком не предусмотрено.")
        known = {group.code.casefold(): group for group in self.groups}
        known |= {group.name.casefold(): group for group in self.groups}
        wanted = _parts(plan.row.cells["groups"])
        if not wanted and len(self.groups) == 1:
            plan.groups = list(self.groups)
        for words in wanted:
            if words.casefold() in known:
                plan.groups.append(known[words.casefold()])
            else:
                plan.problems.append(f"Целевые группы: «{words[:80]}» в порядке нет.")
        if not wanted and not plan.groups:
            plan.problems.append("Целевые группы: укажите хотя бы одну.")
        if len(plan.groups) > 1 and not self.edition.value("several_target_groups"):
            plan.problems.append("Целевые группы: можно указать только одну.")

    def _files(self, plan: Plan) -> None:
        if not plan.row.files:
            plan.problems.append(f"В архиве нет папки «{plan.row.folder[:80]}» или она пуста.")
        consents = [f"{CONSENT}{kind}" for kind in self.consent_kinds]
        for member in plan.row.files:
            code = slot_code(member, [*self.codes, *consents])
            if not code:
                plan.problems.append(f"Файл «{member[:120]}»: имя не начинается с кода документа.")
            elif code in consents:
                if code.removeprefix(CONSENT) in plan.consents:
                    plan.problems.append(f"Файл «{member[:120]}»: второй скан того же согласия, нужен один.")
                plan.consents[code.removeprefix(CONSENT)] = member
            else:
                plan.documents.append((code, member))
        if plan.consents and plan.consented_on is None:
            plan.problems.append("Дата согласий: укажите, когда они подписаны.")
        if plan.consented_on and plan.consented_on > clock.today():
            plan.problems.append("Дата согласий ещё не наступила.")

    def _coded(self, plan: Plan, name: str, text: str, codes: Mapping[str, str]) -> str:
        if text.casefold() in codes:
            return codes[text.casefold()]
        allowed = ", ".join(words for words in codes if words)
        plan.problems.append(f"{dict(PEOPLE_COLUMNS)[name]}: «{text[:40]}», а можно: {allowed}.")
        return ""


def slot_code(member: str, codes: Sequence[str]) -> str:
    """The code of the slot that a member's name («folder/education 1.pdf», «folder/education/1.pdf») begins with."""
    rest = member.partition("/")[2].casefold()
    fitting = [code for code in codes if re.match(rf"{re.escape(code.casefold())}(?![a-z0-9_])", rest)]
    return max(fitting, key=len, default="")


def guide_of(edition: Edition) -> list[tuple[str, str]]:
    """How to fill the blank table: rules, then the codes with which the files' names begin."""
    kinds = [NOMINATION_KINDS[kind] for kind in edition.value("nomination_kinds")]
    labels = {
        "Уровень": EducationLevel,
        "Направление": EducationField,
        "Вид работы": EmploymentKind,
    }
    return [
        (
            "Архив",
            "ZIP: эта таблица в корне и папка с файлами для каждого человека; имя папки — в столбце «Папка»",
        ),
        ("Даты", "05.03.2026 или 05.03.2026 14:20; «Поступило» — истинный день поступления"),
        ("Да или нет", "да, нет или пусто"),
        ("Гражданство", "РФ или другое"),
        ("Выдвижение", "; ".join(kinds)),
        ("Целевые группы", "; ".join(group.name for group in edition.target_groups.all())),
        *((name, "; ".join(str(label) for label in choices.labels)) for name, choices in labels.items()),
        *((f"Файл {kind.code}…", kind.name) for kind in edition.document_types.all()),
        *((f"Файл {CONSENT}{text.kind}…", text.title) for text in edition.consent_texts.all()),
    ]


def _codes(choices: Any) -> dict[str, str]:
    pairs = {str(label).casefold(): str(value) for value, label in choices.choices}
    return pairs | {value: value for value in pairs.values()}


def _code(text: str, codes: Mapping[str, str]) -> str:
    return codes.get(text.casefold(), text)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _tell(plan: Plan, form: Any, where: str) -> None:
    labels = dict(PEOPLE_COLUMNS) | dict(EDUCATION_COLUMNS) | dict(WORK_COLUMNS)
    for name, errors in form.errors.items():
        plan.problems += [f"{where}{labels.get(name, 'Строка')}: {error}" for error in errors]
