"""Editions: loading a preset, copying, putting in force, freezing."""

import re
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction

from reserve_portal.accounts.services import store_municipalities
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open

from .deadlines import events
from .enums import Decision
from .models import (
    BodyRule,
    ChainLink,
    ConsentText,
    DocumentType,
    Edition,
    Ground,
    Parameter,
    Requirement,
    SectionRule,
    TargetGroup,
    TimeLimit,
)
from .parameters import SPECS, parse_parameter

PRESETS = Path(__file__).parent / "presets"
ROW_MODELS: dict[str, type[models.Model]] = {
    "target_groups": TargetGroup,
    "document_types": DocumentType,
    "requirements": Requirement,
    "grounds": Ground,
    "body_rules": BodyRule,
    "chain_links": ChainLink,
    "section_rules": SectionRule,
    "consent_texts": ConsentText,
    "time_limits": TimeLimit,
}
MUNICIPALITIES = "municipalities"


class BadRegulation(Exception):
    """A preset cannot be loaded; the text names the place and the reason."""


def preset_path(name: str) -> Path:
    """Return the file of preset `name` (a name beside the code, or a path); raises BadRegulation when there is none."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else PRESETS / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(item.stem for item in PRESETS.glob("*.yaml")))
        raise BadRegulation(f"Нет файла порядка «{name}». Есть: {known}.")
    return path


@transaction.atomic
def load_regulation(name: str, *, actor: Any = None) -> Edition:
    """Load a preset as an edition and put it in force when none is; an edition not frozen is loaded anew.

    Raises BadRegulation for an unreadable file or a row that breaks its rules, or when the edition is frozen.
    """
    path = preset_path(name)
    data = _read_preset(path)
    edition = (
        Edition.objects.select_for_update().filter(code=data["edition"].get("code")).first() or Edition()
    )
    if edition.pk:
        _empty_edition(edition)
    for field, value in data["edition"].items():
        setattr(edition, field, value)
    if not Edition.objects.filter(in_force=True).exclude(pk=edition.pk).exists():
        edition.in_force = True
    _save_checked(edition, path.name)
    _load_rows(edition, data, path.name)
    _load_municipalities(data, path.name)
    blockers = edition_blockers(edition)
    if blockers:
        raise BadRegulation(f"{path.name}: {' '.join(blocker.text for blocker in blockers)}")
    record_event("regulations.load", edition, actor=actor, file=path.name)
    return edition


@transaction.atomic
def copy_edition(source: Edition, *, code: str, name: str, actor: Any) -> Edition:
    """Copy an edition with all its rules into a new one that is not frozen and not in force."""
    copy = Edition.objects.get(pk=source.pk)
    copy.pk, copy.code, copy.name = None, code, name
    copy.in_force, copy.frozen_at, copy.based_on = False, None, source
    copy._state.adding = True
    copy.full_clean()
    copy.save()
    for relation in (*ROW_MODELS, "parameters"):
        for row in getattr(source, relation).order_by("pk"):
            row.pk, row.edition = None, copy
            row._state.adding = True
            row.save()
    record_event("regulations.copy", copy, actor=actor, source=source.code)
    return copy


@transaction.atomic
def put_in_force(edition: Edition, *, actor: Any) -> None:
    """Make `edition` the one under which new campaigns are opened; raises GateShut when its rules do not fit."""
    require_open(edition_blockers(edition))
    list(Edition.objects.select_for_update().order_by("pk").values_list("pk"))  # two at once take turns
    Edition.objects.filter(in_force=True).update(in_force=False)
    Edition.objects.filter(pk=edition.pk).update(in_force=True)
    edition.in_force = True
    record_event("regulations.put_in_force", edition, actor=actor)


def edition_blockers(edition: Edition) -> list[Blocker]:
    """Return what keeps the edition's rules from working together, each as a sentence."""
    rows = {row.key: row.value for row in edition.parameters.all()}
    missing = [spec.label for key, spec in SPECS.items() if key not in rows]
    if missing:
        return [Blocker(f"Не заданы параметры: {', '.join(missing)}.")]
    blockers = []
    threshold, green = parse_parameter("threshold_percent", rows["threshold_percent"]), rows["green_percent"]
    if rows["zones"] and green is None:
        blockers.append(Blocker("Жёлтая зона различается, а граница зелёной зоны не задана."))
    elif rows["zones"] and parse_parameter("green_percent", green) < threshold:
        blockers.append(Blocker("Граница зелёной зоны ниже проходного порога."))
    bodies = set(edition.body_rules.values_list("code", flat=True))
    links = list(edition.chain_links.all())
    unknown = sorted({link.body for link in links} - bodies)
    if unknown:
        blockers.append(Blocker(f"Решения принимают органы, правил которых нет: {', '.join(unknown)}."))
    decided = {link.decision for link in links}
    blockers += [
        Blocker(f"Не указано, кто принимает решение: {decision.label}.")
        for decision in (Decision.ADMISSION, Decision.INCLUSION)
        if decision not in decided
    ]
    blockers += _reserve_blockers(edition, rows, bodies, decided)
    if not edition.target_groups.exists():
        blockers.append(Blocker("Нет ни одной целевой группы."))
    return blockers + _development_blockers(rows, decided)


def _development_blockers(values: dict[str, Any], decided: set[str]) -> list[Blocker]:
    """What keeps mentors and plans from working (O4.4, O4.7); without mentors the operators agree the plans."""
    blockers = []
    if values["mentors"]:
        blockers += [
            Blocker(f"Не указано, кто принимает решение: {decision.label}.")
            for decision in (Decision.MENTOR_POOL, Decision.MENTOR)
            if decision not in decided
        ]
    if values["development_plan"] and not values["plan_forms"]:
        blockers.append(Blocker("Для плана не названо ни одной формы подготовки."))
    return blockers


def _reserve_blockers(
    edition: Edition, rows: dict[str, Any], bodies: set[str], decided: set[str]
) -> list[Blocker]:
    """What the rules of life in the reserve ask of each other (O3.10, O4.17, O6.4)."""
    found = []
    if rows["quarterly_body"] and rows["quarterly_body"] not in bodies:
        found.append(
            Blocker(f"Каждый квартал заседает орган, правил которого нет: {rows['quarterly_body']}.")
        )
    if rows["attestation"] and Decision.ATTESTATION not in decided:
        found.append(Blocker(f"Не указано, кто принимает решение: {Decision.ATTESTATION.label}."))
    if (
        rows["return_needs_representation"]
        and not edition.document_types.filter(only_for_return=True).exists()
    ):
        found.append(Blocker("Нужно представление руководителя, а документа пакета для него нет."))
    return found


@transaction.atomic
def freeze_edition(edition: Edition, *, actor: Any) -> None:
    """Freeze an edition at its first use; freezing twice changes nothing."""
    if Edition.objects.filter(pk=edition.pk, frozen_at=None).update(frozen_at=clock.now()):
        edition.refresh_from_db(fields=["frozen_at"])
        record_event("regulations.freeze", edition, actor=actor)


def edition_in_force() -> Edition:
    """Return the edition in force; raises LookupError with a Russian sentence when none is."""
    edition = Edition.objects.filter(in_force=True).first()
    if edition is None:
        raise LookupError("Порядок не загружен: выполните команду load_regulation.")
    return edition


def _read_preset(path: Path) -> dict[str, Any]:
    """Return the file's sections, known and of the right shape; raises BadRegulation."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", строка {mark.line + 1}" if mark else ""
        raise BadRegulation(f"{path.name}{place}: не читается как YAML.") from None
    except (OSError, UnicodeDecodeError):
        raise BadRegulation(f"{path.name}: файл не читается (нужен текст в UTF-8).") from None
    lists = (*ROW_MODELS, MUNICIPALITIES)
    sections = {"edition": dict, "parameters": dict, **dict.fromkeys(lists, list)}
    if not isinstance(data, dict) or not {"edition", "parameters"} <= set(data):
        raise BadRegulation(f"{path.name}: нужны разделы edition и parameters.")
    for section, content in data.items():
        if section not in sections:
            raise BadRegulation(f"{path.name}: неизвестный раздел «{section}».")
        rows = content if section in lists else [content, *(data["parameters"] or {}).values()]
        if not isinstance(content, sections[section]) or not all(isinstance(row, dict) for row in rows):
            raise BadRegulation(f"{path.name}: раздел «{section}» записан не так, как в образцах.")
    _refuse_unknown_fields(Edition, data["edition"], f"{path.name}, edition")
    return data


def _empty_edition(edition: Edition) -> None:
    """Remove the rows of an edition that is loaded anew; raises BadRegulation when it is in use."""
    if edition.is_frozen:
        raise BadRegulation(f"Редакция «{edition.code}» уже применяется: скопируйте её в новую.")
    try:
        for relation in (*ROW_MODELS, "parameters"):
            getattr(edition, relation).all().delete()
    except models.ProtectedError:
        raise BadRegulation(
            f"На строки редакции «{edition.code}» уже ссылаются дела: скопируйте её в новую."
        ) from None


def _refuse_unknown_fields(model: type[models.Model], row: dict[str, Any], place: str) -> None:
    known = {field.name for field in model._meta.fields if field.editable and not field.primary_key} - {
        "edition"
    }
    if set(row) - known:
        raise BadRegulation(f"{place}: неизвестное поле «{sorted(set(row) - known)[0]}».")


def _load_rows(edition: Edition, data: dict[str, Any], file: str) -> None:
    missing = set(SPECS) - set(data["parameters"])
    if missing:
        raise BadRegulation(f"{file}: не заданы параметры {', '.join(sorted(missing))}.")
    for key, row in data["parameters"].items():
        if key not in SPECS:
            raise BadRegulation(f"{file}: неизвестный параметр «{key}».")
        _refuse_unknown_fields(Parameter, row, f"{file}, параметр {key}")
        _save_checked(Parameter(edition=edition, **{"key": key, **row}), f"{file}, параметр {key}")
    for relation, model in ROW_MODELS.items():
        for order, row in enumerate(data.get(relation, []), start=1):
            place = f"{file}, {relation}, строка {order}"
            _refuse_unknown_fields(model, row, place)
            if relation not in ("chain_links", "consent_texts"):
                row.setdefault("order", order)
            _check_events(relation, row, file)
            _save_checked(model(edition=edition, **row), place)


def _load_municipalities(data: dict[str, Any], file: str) -> None:
    """A region that the portal does not know brings its municipalities in its own file."""
    for row in data.get(MUNICIPALITIES, []):
        if set(row) != {"oktmo", "name"} or not re.fullmatch(r"\d{8}", str(row["oktmo"])):
            raise BadRegulation(f"{file}, municipalities: нужны name и oktmo из восьми цифр, здесь: {row}.")
    store_municipalities(data.get(MUNICIPALITIES, []))


def _check_events(relation: str, row: dict[str, Any], file: str) -> None:
    if relation == "time_limits":
        for event in (str(row.get("starts")), str(row.get("closes"))):
            if event not in events:
                raise BadRegulation(f"{file}: срок «{row.get('title')}»: неизвестное событие «{event}».")


def _save_checked(row: models.Model, place: str) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        problems = [
            message if field == NON_FIELD_ERRORS else f"{field} — {message}"
            for field, messages in error.message_dict.items()
            for message in messages
        ]
        raise BadRegulation(f"{place}: {'; '.join(problems)}") from None
    row.save()
