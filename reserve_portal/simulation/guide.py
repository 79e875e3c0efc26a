"""The operator's guide (docs/operator.md) and the pages of the living example on which its words and pictures are.

`bin/guide` visits the pages and takes the pictures; a test keeps guide and recipes together without a browser.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

GUIDE = Path(settings.BASE_DIR) / "docs" / "operator.md"
_PICTURE = re.compile(r"!\[([^\]]*)\]\(pictures/([\w-]+)\.png\)")
_LABEL = re.compile(r"\*\*«([^»]+)»\*\*")
FIRST = "#result_list tbody a"


def _section(name: str) -> str:
    """A section of the desk."""
    return f".desk-sections th a:text-is('{name}')"


def _counter(label: str) -> str:
    """A counter of the desk."""
    return f".desk-item a:has-text('{label}')"


def _row(words: str) -> str:
    """The first link of the first row with these words."""
    return f"#result_list tbody tr:has-text('{words}') a"


def _link(label: str) -> str:
    return f"main a:has-text('{label}')"


@dataclass(frozen=True)
class Recipe:
    """A page of the living example: how one gets there, the labels that must be seen, what the picture is cut from.

    `follow`: selectors of the links that lead there from the page `start` (a URL's name); of a select, its first
    choice is sent. `cut`: selectors of what the picture holds together; without it the page is visited for its labels
    alone. `role`: who looks, by the first part of the address. `region`: whose living example has the page.
    """

    name: str
    follow: tuple[str, ...]
    labels: tuple[str, ...]
    cut: tuple[str, ...] = ()
    start: str = "admin:index"
    role: str = "operator"
    region: str = "tomsk"


_OPEN_CAMPAIGN = (_section("Наборы"), _row("идёт приём"))
_REVIEWED_NOW = (_counter("Проверить документы"), FIRST)
_CLOSED_MEETING = "main tr:has-text('закрыто') a"
_LIVE_MEETING = "main tr:has-text('идёт') a"

RECIPES = (
    Recipe(
        "desk",
        (),
        (
            "Рабочий стол", "Сроки", "Просрочено", "Последний день — сегодня", "Разделы", "Зарегистрировать заявления",
            "Проверить документы", "Ждут исправления от кандидатов", "Проверены, ждут решения о допуске",
            "Допущены и ждут приглашения", "Процедура закончилась, результата нет", "Составить список для включения",
            "Проекты образовательных маршрутов", "Новые вакансии: начать подбор", "Идёт подбор",
            "Представлены: назначить защиту или передать органу",
            "Вакансии: резервисты не ответили в срок", "Наборы", "Журнал регистрации",
            "Заседания", "Органы (комиссии)", "Процедуры оценки", "Каталог программ", "Списки для решения",
            "Реестр кадрового резерва", "Мероприятия", "Планы мероприятий", "Резервисты", "Письма", "Тексты писем",
            "Сроки дел", "Задания", "Выданные документы", "Рассылки", "Заявления",
        ),
        cut=(".desk",),
    ),
    Recipe("campaigns", (_section("Наборы"),), ("Добавить",)),
    Recipe(
        "campaign-new",
        (_section("Наборы"), _link("Добавить")),
        ("Название", "Порядок", "Первый день приёма", "Последний день приёма", "Создать набор"),
        cut=("#div_id_name", "#div_id_closes_on"),
    ),
    Recipe(
        "campaign",
        _OPEN_CAMPAIGN,
        (
            "Изменить окно", "Зарегистрировать всё, что пришло", "Список для допуска", "Выдать PDF", "Что было",
            "Открыть личный срок",
        ),
        cut=("[aria-labelledby=states]", "[aria-labelledby=admission]"),
    ),
    Recipe("applications", (_section("Заявления"),), ("Внести поданное не через портал",)),
    Recipe(
        "enter",
        (_section("Заявления"), _link("Внести поданное не через портал")),
        ("Почему принимаем с опозданием", "Дальше: анкета и документы", "Загрузить сразу несколько архивом"),
    ),
    Recipe(
        "entry",
        (_section("Заявления"), _link("Внести поданное не через портал"), "main .intake-list a"),
        ("Сохранить анкету", "Внести заявление"),
    ),
    Recipe(
        "archives",
        (
            _section("Заявления"),
            _link("Внести поданное не через портал"),
            _link("Загрузить сразу несколько архивом"),
        ),
        ("Загрузить и проверить",),
    ),
    Recipe("people", (_section("Пользователи"),), ("Пригласить руководителя организации",)),
    Recipe(
        "site-preview",
        (_section("Страницы сайта"), FIRST, _link("Посмотреть и опубликовать")),
        ("Править дальше",),
    ),
    Recipe("site", (), ("Заявления", "Пользователи", "Страницы сайта", "Новости", "Материалы")),
    Recipe(
        "register",
        (*_OPEN_CAMPAIGN, _link("Зарегистрировать всё, что пришло")),
        ("Зарегистрировать",),
        cut=("#content > *",),
    ),
    Recipe(
        "search",
        (_counter("Проверить документы"),),
        ("Сохранить этот отбор", "Скачать XLSX", "Письмо по списку", "Досье (ZIP)"),
        cut=("#toolbar", ".list-tools", "#result_list tr:nth-child(-n+4)"),
    ),
    Recipe(
        "review",
        _REVIEWED_NOW,
        (
            "Принять", "Вернуть на исправление", "Не принимать", "Причина возврата", "Пояснение кандидату",
            "Сохранить и перейти к следующему", "Требования к кандидату",
        ),
        cut=("#review", ".intake-slots", ".intake-verdict"),
    ),
    Recipe(
        "deeds",
        _REVIEWED_NOW,
        ("Вернуть на исправление", "Закончить проверку", "Отказать из-за неполного пакета"),
        cut=(".intake-lead", ".intake-deadlines", ".intake-deeds"),
    ),
    Recipe(
        "review-finish",
        (*_REVIEWED_NOW, _link("Закончить проверку")),
        ("Закончить проверку",),
    ),
    Recipe("correction", (_counter("Ждут исправления"), FIRST), ("Прекратить исправление",)),
    Recipe("reviewed", (_counter("Проверены, ждут решения"), FIRST), ("Вернуться к проверке",)),
    Recipe("refused", (_section("Заявления"), _row("отказано")), ("Отменить отказ",)),
    Recipe("journal-entry", (_section("Журнал регистрации"), FIRST), ("Добавить примечание",)),
    Recipe(
        "meeting-new",
        (_section("Заседания"), _link("Назначить заседание")),
        ("Назначить заседание", "Орган", "Форма", "Начало", "Место или ссылка", "Голоса принимаются до"),
        cut=("#content > *",),
    ),
    Recipe("meeting", (_section("Заседания"), _row("идёт")), ("Повестка",)),
    Recipe(
        "meeting-planned",
        (_section("Заседания"), _row("назначено"), _link("Страница заседания")),
        ("Отменить заседание",),
    ),
    Recipe(
        "meeting-opening",
        ("main tr:has-text('назначено') a",),
        ("Открыть заседание",),
        start="commissions:meetings",
        role="secretary",
    ),
    Recipe("meeting-open", (_LIVE_MEETING,), ("Закрыть заседание",), start="commissions:meetings", role="secretary"),
    Recipe(
        "vote",
        (_LIVE_MEETING, "main ol.stack a"),
        ("Закончить голосование", "Снять с повестки", "Напомнить не проголосовавшим"),
        cut=("main h1", "main .lead", "[aria-labelledby=silent-heading]"),
        start="commissions:meetings",
        role="secretary",
    ),
    Recipe(
        "meeting-item",
        ("main tr:has-text('назначено') a", "main ol.stack a"),
        ("Добавить материал",),
        start="commissions:meetings",
        role="secretary",
    ),
    Recipe(
        "meeting-closed",
        (_CLOSED_MEETING,),
        ("Загрузить подпись или скан",),
        start="commissions:meetings",
        role="secretary",
    ),
    Recipe(
        "meeting-decided",
        (_CLOSED_MEETING, "main ol.stack a"),
        ("Выписка", "Как принималось решение", "Исправить решение"),
        start="commissions:meetings",
    ),
    Recipe("procedure-campaign", (_section("Процедуры оценки"), _link("Добавить")), ("Дальше",)),
    Recipe(
        "procedure-new",
        (_section("Процедуры оценки"), _link("Добавить"), "select[name=campaign]"),
        ("Начало", "Конец", "Где проходит", "Инструкция для кандидата", "Сохранить"),
        cut=("#content > h1", "#content > p", "#div_id_place"),
    ),
    Recipe(
        "procedure",
        (_section("Процедуры оценки"), FIRST),
        ("Выдать ведомость", "Вторая дата"),
        cut=("#people", "[aria-labelledby=people-caption] tr:nth-child(-n+8)"),
    ),
    Recipe(
        "route",
        (_counter("Проекты образовательных маршрутов"), FIRST),
        ("Дефициты", "Рекомендации", "Сохранить", "Утвердить и отправить"),
        cut=("#div_id_deficits", ".assessment-row:nth-of-type(1)"),
    ),
    Recipe(
        "list",
        (_section("Списки для решения"), _row("О допуске")),
        ("Вернуть на доработку",),
        cut=("#lines-group",),
    ),
    Recipe(
        "registry",
        (_section("Реестр кадрового резерва"), FIRST),
        ("Список не включённых", "Публичная форма в PDF"),
        cut=("#content > .kicker", "#content > h1", "#content .case-tools", "#content .form-row:nth-child(-n+5)"),
    ),
    Recipe(
        "registry-deed",
        (_section("Реестр кадрового резерва"), FIRST, _link("Публичная форма")),
        ("Подтвердить",),
    ),
    Recipe("events", (_section("Мероприятия"),), ("Добавить мероприятие",)),
    Recipe("event-planned", (_section("Мероприятия"), _row("запланировано")), ("Отменить мероприятие",)),
    Recipe("events-plan", (_section("Планы мероприятий"),), ("Опубликовать план на год",)),
    Recipe(
        "event-held",
        (_section("Мероприятия"), _row("проведено")),
        ("Отметить участие", "Отметить по списку", "Лист регистрации"),
    ),
    Recipe(
        "attendance",
        (_section("Мероприятия"), _row("проведено"), _link("Отметить участие")),
        ("Подтвердить участие отмеченных", "Отметить неявку"),
        cut=("#content > *",),
    ),
    Recipe("reservists", (_section("Резервисты"),), ("Загрузить действующий резерв",)),
    Recipe(
        "reserve-import",
        (_section("Резервисты"), _link("Загрузить действующий резерв")),
        ("Скачать образец", "Проверить"),
    ),
    Recipe("reservist", (_section("Резервисты"), FIRST), ("Предложить исключить",)),
    Recipe(
        "exclusion",
        (_section("Резервисты"), FIRST, _link("Предложить исключить")),
        ("Основание", "Обстоятельства", "Составить список"),
    ),
    Recipe("vacancy-new", (_counter("Новые вакансии"), FIRST), ("Начать подбор",)),
    Recipe(
        "matching",
        (_counter("Идёт подбор"), FIRST, _link("Подбор")),
        ("Подбор", "Показать", "Новое место", "Причина", "Сохранить подбор", "Не вошли в подбор"),
        cut=("#content > h1", "#content > p", "[aria-labelledby=order-caption] tr:nth-child(-n+6)"),
    ),
    Recipe(
        "case",
        (_counter("Идёт подбор"), FIRST),
        ("Подбор", "Снять с рассмотрения"),
        cut=("#content > h1", "#content > .lead", "#content > .actions"),
    ),
    Recipe("snapshot", (_counter("Идёт подбор"), FIRST, "main .stack a"), ("Спросить",)),
    Recipe(
        "defence",
        (_section("Вакансии"), _row("защита концепции")),
        (),
        cut=("#content > .table-scroll", "#content > .table-scroll + h2 + p"),
    ),
    Recipe(
        "vacancy-of-municipality",
        ("main tr:has-text('защита концепции') a",),
        ("Снять вакансию",),
        start="vacancies:list",
        role="municipal",
    ),
    Recipe(
        "letters",
        (_section("Письма"),),
        ("Действие", "Выполнить", "Отправить недоставленные ещё раз"),
        cut=("#changelist-form .actions > :nth-child(-n+2)", "#result_list tr:nth-child(-n+4) > :nth-child(-n+7)"),
    ),
    Recipe(
        "letter-text",
        (_section("Тексты писем"), _link("Добавить"), _link("Заявление зарегистрировано")),
        ("Показать на примере", "Сохранить текст"),
    ),
    Recipe(
        "deadlines",
        (_counter("Просрочено"),),
        ("О чём", "Фильтр"),
        cut=("#content > h1", "#changelist"),
    ),
    # What only Orenburg's order has.
    Recipe(
        "desk-orenburg",
        (),
        (
            "Эксперты отказались от листов", "Рассмотреть сигналы об исключении", "Закрепить наставников",
            "Просрочены план или отчёт", "Наставники", "Планы развития", "Квартальные отчёты",
            "Итоговая аттестация", "Сигналы об исключении", "Экспертные заключения",
        ),
        region="orenburg",
    ),
    Recipe(
        "conclusion",
        (_section("Экспертные заключения"), FIRST),
        (),
        cut=("#content > h1", "#content > .kicker", "#content h2 + *", "#content .table-scroll"),
        region="orenburg",
    ),
    Recipe(
        "mentors",
        (_section("Наставники"),),
        ("Предложить в состав", "Планы и отчёты"),
        cut=("#content > h1", "#content .object-tools", "#result_list"),
        region="orenburg",
    ),
    Recipe(
        "monitoring",
        (_section("Наставники"), _link("Планы и отчёты")),
        (),
        cut=("main h1", "main .table-scroll"),
        region="orenburg",
    ),
    Recipe("reservist-orenburg", (_section("Резервисты"), FIRST), ("Наставник",), region="orenburg"),
    Recipe(
        "attestations", (_section("Итоговая аттестация"),), ("Запланировать аттестацию",), region="orenburg"
    ),
    Recipe(
        "attestation-new",
        (_section("Итоговая аттестация"), _link("Запланировать аттестацию")),
        (),
        cut=("#content > *",),
        region="orenburg",
    ),
    Recipe(
        "signal",
        (_section("Сигналы об исключении"), _row("ждёт оператора")),
        ("Передать органу", "Отклонить"),
        cut=("#content > h1", "#content .case-tools", "#content .form-row"),
        region="orenburg",
    ),
    Recipe(
        "registry-orenburg",
        (_section("Реестр кадрового резерва"),),
        ("Реестр проверен, изменений нет", "Отчёт об эффективности"),
        region="orenburg",
    ),
)  # fmt: skip

# Labels of the guide whose page no recipe reaches on the example's morning: only the sources vouch for them.
UNSEEN = frozenset(
    {
        "Где в резерве нет никого", "Загрузить из таблицы", "Внести одного",
        "допустить к оценке", "не допускать", "Чего не хватает", "Процедура оценки",
        "Критерии оценки", "Показатели", "Руководители",
        "Сравнить отмеченных", "Что, если веса другие",
        "Вернуть к оценке", "Вижу, кто не войдёт в список", "Включить в повестку", "Внести баллы",
        "Внести результаты", "Возобновить голосование", "Выпустить PDF и XLSX", "Выпустить ведомость",
        "Выпустить отчёт", "Дата решения", "Добавить оценочное средство", "Докладчик",
        "Загрузить результаты",
        "Запомнить и проверить файл", "Исправить",
        "Кем принято", "Назначение не состоялось", "Назначить", "Назначить защиту",
        "Направить список в министерство", "Направление", "Начать аттестацию",
        "Начать голосование", "Номер решения", "Опубликовать", "Опубликовать список", "Ответить",
        "Ответить муниципалитету", "Ответить: подходящих нет",
        "Ответить на запросы о персональных данных", "Открыть приём", "Отметить проведённым",
        "Отправить ответ", "Передать для рекомендации", "Передать листы",
        "Передать список", "Передать список органу",
        "Подготовить заключения", "Подписать заключения", "Порог и зоны",
        "Представить", "Пригласить", "Пригласить кандидатов", "Примерные вопросы", "Проверить файл",
        "Решение о границах", "Свести результаты",
        "Сохранить решение", "Список для решения", "Удалить файл, ничего не вносить",
        "Эксперты",
        "Внести аттестацию по программе", "Муниципалитет, направление, предел", "Передать листы экспертам",
        "Принять отчёты наставников", "Рассмотреть на заседании", "Рассмотреть планы с просрочкой",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Guide:
    """What the guide names: its pictures with their words, the labels to press or fill in."""

    text: str
    pictures: dict[str, str]
    labels: frozenset[str]


def read_guide() -> Guide:
    """Read docs/operator.md."""
    return read_text(GUIDE.read_text(encoding="utf-8"))


def read_text(text: str) -> Guide:
    """Find what a text in the guide's Markdown names. A label is what stands bold between quotation marks."""
    pictures = {name: words for words, name in _PICTURE.findall(text)}
    return Guide(text, pictures, frozenset(_LABEL.findall(text)))


def disagreements(guide: Guide) -> Iterator[str]:
    """Say in a sentence each where guide and recipes differ; nothing where they agree."""
    shown = {recipe.name for recipe in RECIPES if recipe.cut}
    seen = {label for recipe in RECIPES for label in recipe.labels}
    for name in sorted(set(guide.pictures) - shown):
        yield f"The picture {name} of the guide has no recipe."
    for name in sorted(shown - set(guide.pictures)):
        yield f"The guide does not show the picture {name} of the recipes."
    for name in sorted(name for name, words in guide.pictures.items() if not words):
        yield f"The picture {name} has no words for those who do not see it."
    for label in sorted(guide.labels - seen - UNSEEN):
        yield f"The label «{label}» of the guide is on no page of the recipes."
    for label in sorted((seen | UNSEEN) - guide.labels):
        yield f"The guide does not name the label «{label}» of the recipes."
    for label in sorted(seen & UNSEEN):
        yield f"The label «{label}» is both on a page and among those the example does not reach."
