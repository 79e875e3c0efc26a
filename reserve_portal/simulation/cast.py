"""Who plays in the living example: officials, operators, the bodies with their members, schools."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from commissions.enums import Position
from commissions.models import Body, BodyMember
from reserve_portal.accounts.enums import OrganisationKind, Role
from reserve_portal.accounts.models import Municipality, Organisation, User
from reserve_portal.accounts.services import create_person, load_municipalities
from reserve_portal.regulations.enums import InstrumentKind
from reserve_portal.regulations.models import Edition

PASSWORD = "reserve-demo-2026"  # nosec B105: printed for everybody, invented people only
DOMAIN = "demo.example"
SINCE = date(2026, 1, 1)

STAFF = (
    ("operator", Role.OPERATOR, "Операторова", "Инна", "Юрьевна", "специалист центра кадрового резерва"),
    ("operator2", Role.OPERATOR, "Журналов", "Борис", "Ильич", "методист центра кадрового резерва"),
    ("admin", Role.ADMINISTRATOR, "Настройкин", "Артём", "Петрович", "администратор портала"),
    ("auditor", Role.AUDITOR, "Проверкина", "Зоя", "Матвеевна", "аудитор"),
    ("department", Role.AUTHORITY, "Приказова", "Лидия", "Олеговна", "начальник отдела"),
)
COMMISSION = (
    ("chair", Position.CHAIR, "Председателев", "Роман", "Кириллович", "заместитель начальника департамента"),
    ("deputy", Position.DEPUTY, "Заместителева", "Ирина", "Глебовна", "ректор института"),
    ("secretary", Position.SECRETARY, "Секретарёва", "Юлия", "Денисовна", "методист института"),
    ("member1", Position.MEMBER, "Голосов", "Марк", "Степанович", "директор лицея"),
    ("member2", Position.MEMBER, "Решаева", "Тамара", "Борисовна", "директор гимназии"),
    ("member3", Position.MEMBER, "Кворумов", "Лев", "Антонович", "профессор"),
    ("member4", Position.MEMBER, "Протоколова", "Раиса", "Семёновна", "начальник отдела"),
    ("member5", Position.MEMBER, "Повесткин", "Игнат", "Фёдорович", "председатель профсоюза"),
)

EXPERTS = (
    ("expert1", "Экспертова", "Алла", "Викторовна", "доцент кафедры управления образованием"),
    ("expert2", "Знатоков", "Пётр", "Аркадьевич", "заслуженный учитель, ветеран управления"),
)


@dataclass
class Cast:
    """Everybody who acts, by short name (the part of the address before @), and where they act."""

    edition: Edition
    people: dict[str, User] = field(default_factory=dict)
    schools: list[Organisation] = field(default_factory=list)

    def __getitem__(self, name: str) -> User:
        return self.people[name]

    @property
    def towns(self) -> list[Municipality]:
        return list(Municipality.objects.order_by("oktmo"))


def make_cast(edition: Edition) -> Cast:
    """Create the region's municipalities, two schools in each of the first eight, staff and the edition's bodies."""
    try:
        load_municipalities(edition.region_code)
    except LookupError:
        if not Municipality.objects.exists():  # a region not known here brings its own in its preset
            raise
    cast = Cast(edition)
    towns = cast.towns
    for number, town in enumerate(towns[:8], start=1):
        for kind in ("Школа", "Гимназия"):
            cast.schools.append(
                Organisation.objects.create(
                    name=f"{kind} № {number * 11} (учебная)", municipality=town, kind=OrganisationKind.SCHOOL
                )
            )
    for name, role, last, first, patronymic, post in STAFF:
        cast.people[name] = _person(name, [role], last, first, patronymic, post=post)
    for name, town, last in (("municipal", towns[0], "Муниципальнова"), ("municipal2", towns[1], "Районов")):
        first, patronymic = ("Галина", "Ивановна") if last.endswith("а") else ("Егор", "Тарасович")
        cast.people[name] = _person(
            name,
            [Role.MUNICIPAL],
            last,
            first,
            patronymic,
            municipality=town,
            post="начальник управления образования",
        )
    cast.people["head"] = _person(
        "head",
        [Role.NOMINATOR],
        "Директорова",
        "Елена",
        "Павловна",
        organisation=cast.schools[0],
        municipality=cast.schools[0].municipality,
        post="директор школы",
    )
    for name, _position, last, first, patronymic, post in COMMISSION:
        cast.people[name] = _person(name, [Role.COMMISSION], last, first, patronymic, post=post)
    if edition.section_rules.filter(kind=InstrumentKind.EXPERT_SHEET).exists():
        for name, last, first, patronymic, post in EXPERTS:
            cast.people[name] = _person(name, [Role.EXPERT], last, first, patronymic, post=post)
    for number, rule in enumerate(edition.body_rules.all(), start=1):
        body = Body.objects.create(code=rule.code, name=rule.name, index=f"{number:02d}")
        for name, position, *_ in COMMISSION:
            BodyMember.objects.create(
                body=body,
                user=cast[name],
                position=position,
                votes=position != Position.SECRETARY,
                since=SINCE,
            )
    return cast


def _person(name: str, roles: list[str], last: str, first: str, patronymic: str, **fields: Any) -> User:
    return create_person(
        f"{name}@{DOMAIN}",
        roles=roles,
        actor=None,
        last_name=last,
        first_name=first,
        patronymic=patronymic,
        **fields,
    )


ACCOUNTS = (
    ("operator", "оператор: рабочий стол /admin/"),
    ("chair", "председатель комиссии"),
    ("secretary", "секретарь комиссии"),
    ("member1", "член комиссии (есть и member2 … member5)"),
    ("expert1", "эксперт, есть и expert2"),
    ("department", "департамент (министерство)"),
    ("municipal", "орган местного самоуправления"),
    ("head", "руководитель школы: выдвигает кандидатов (если порядок это допускает)"),
    ("candidate", "кандидат с неподанным заявлением"),
    ("applicant", "кандидат, чьё заявление вернули на исправление"),
    ("reservist", "резервист с предложением вакансии"),
    ("nominee", "резервист, представленный на вакансию"),
    ("mentor1", "наставник (есть и mentor2)"),
    ("admin", "администратор"),
    ("auditor", "аудитор"),
)
