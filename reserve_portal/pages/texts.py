"""First texts of the public site, written from an edition's data; operators edit them afterwards."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from reserve_portal.core.words import clause_in_words, plural
from reserve_portal.regulations.enums import Decision, Direction, LinkForm, Unit
from reserve_portal.regulations.models import BodyRule, DocumentType, Edition, Requirement, TimeLimit
from reserve_portal.regulations.parameters import NOMINATION_KINDS

UNITS = {
    Unit.WORKING_DAYS: ("рабочий день", "рабочих дня", "рабочих дней"),
    Unit.CALENDAR_DAYS: ("день", "дня", "дней"),
    Unit.WEEKS: ("неделя", "недели", "недель"),
    Unit.MONTHS: ("месяц", "месяца", "месяцев"),
}
MONTHS = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
WITHOUT_NAME = (
    "В списке стоят имена тех, кто на это согласился; остальные обозначены регистрационным номером."
)

NO_ADDRESS = "Телефон, почта и часы приёма оператора пока не указаны."


def limit_words(limit: TimeLimit) -> str:
    """A time limit in words: «5 рабочих дней», «2 сентября», «за 1 неделю до начала»."""
    if limit.unit == Unit.FIXED_DATE:
        assert limit.month and limit.day
        return f"до {limit.day} {MONTHS[limit.month - 1]}"
    if limit.unit == Unit.QUARTER_DAY:
        if limit.day == 31:
            return "до конца квартала"
        return f"до {limit.day} числа третьего месяца квартала"
    if limit.direction == Direction.BEFORE and limit.unit == Unit.WEEKS and limit.amount == 1:
        return "не позднее чем за неделю до начала"
    counted = f"{limit.amount} {plural(limit.amount, *UNITS[Unit(limit.unit)])}"
    return f"за {counted} до начала" if limit.direction == Direction.BEFORE else counted


def requirements(edition: Edition) -> str:
    """What a candidate must have (T2, O1.6)."""
    parts = ["Кандидатом может стать тот, кто отвечает каждому из этих требований."]
    parts.append(_list(_with_clause(item) for item in edition.requirements.all()))
    for item in edition.requirements.all():
        parts += _variants(item)
    groups = [group.name for group in edition.target_groups.all()]
    if len(groups) > 1:
        parts += ["## На какие должности", _list(groups)]
        if edition.value("several_target_groups"):
            parts.append(
                "Можно заявиться сразу в несколько групп: пакет документов один, решения по группам отдельные."
            )
    parts.append(
        "Портал проверяет требования по анкете и показывает, чего не хватает. Решает комиссия, а не программа."
    )
    return _text(parts)


def documents(edition: Edition) -> str:
    """The package: required, on some conditions, at will (T1, O3.2)."""
    rows = list(edition.document_types.all())
    returning = [row for row in rows if row.only_for_return]
    rows = [row for row in rows if not row.only_for_return]
    always = [row for row in rows if row.required and not row.only_for_nomination]
    sometimes = [row for row in rows if row.required and row.only_for_nomination]
    at_will = [row for row in rows if not row.required]
    parts = ["Документы загружаются в кабинете, каждый в своё место. Подойдут PDF, JPEG, PNG и DOCX."]
    parts.append(
        f"Один файл — до {edition.value('max_file_mb')} МБ и {edition.value('max_file_pages')} страниц, "
        f"весь пакет — до {edition.value('max_package_mb')} МБ."
    )
    parts += ["## Обязательные", _list(_document(row) for row in always)]
    if sometimes:
        parts += ["## Если вас выдвигают", _list(_document(row) for row in sometimes)]
    if returning and edition.value("return_needs_representation"):
        parts += ["## Если вас исключали из резерва", _list(_document(row) for row in returning)]
    if at_will:
        parts += ["## По желанию", _list(_document(row) for row in at_will)]
    parts.append("Бланки портал заполнит сам по вашей анкете: останется распечатать и подписать.")
    parts.append(
        "Оператор смотрит каждый документ отдельно. Если что-то не так, он вернёт только этот документ и объяснит, что исправить."
    )
    return _text(parts)


def assessment(edition: Edition) -> str:
    """How the assessment goes and what its result means (T3-T5, O3.15-3.21)."""
    sections = list(edition.section_rules.all())
    total = sum((row.weight * row.maximum for row in sections), Decimal(0))
    parts = [
        "К оценке допускают тех, чьи документы и анкета отвечают требованиям. Приглашение придёт на почту и появится в кабинете."
    ]
    parts += [
        "## Из чего складывается результат",
        _list(f"{row.name}: до {_number(row.weight * row.maximum)}" for row in sections),
    ]
    parts.append(f"Всего можно набрать {_number(total)}.")
    parts += ["## Сколько нужно набрать", *_threshold(edition)]
    limits = {row.code: row for row in edition.time_limits.all()}
    if "invitation" in limits or "sample_questions" in limits:
        parts += ["## Когда об этом узнают", _list(_notice_terms(limits))]
    return _text(parts)


def how_to_apply(edition: Edition) -> str:
    """The way of a candidate, step by step."""
    kinds = [NOMINATION_KINDS[code] for code in edition.value("nomination_kinds")]
    limits = {row.code: row for row in edition.time_limits.all()}
    registration = limits.get("registration")
    parts = [
        "## 1. Зарегистрируйтесь",
        "Нужны имя, почта и пароль. Подтвердите адрес по ссылке из письма.",
        "## 2. Заполните анкету",
        "Она сохраняется, пока вы пишете: можно прерваться и продолжить с любого устройства.",
        "## 3. Дайте согласия",
        _list(row.title + ("" if row.required else " (по желанию)") for row in edition.consent_texts.all()),
        "## 4. Приложите документы",
        "Кабинет показывает, что уже загружено и чего не хватает.",
        "## 5. Подайте заявление",
        "Пока вы не нажали «Подать», это черновик, и его никто не видит. После подачи придёт расписка"
        + (f", а в течение {_genitive(registration)} — регистрационный номер." if registration else "."),
        "## 6. Следите за ходом",
        "В кабинете всегда видно, что произошло, что будет дальше, к какому дню и кто за это отвечает.",
    ]
    if len(kinds) > 1:
        parts += ["## Способы выдвижения", _list(kinds), "Способов может быть несколько сразу."]
    return _text(parts)


def model(edition: Edition) -> str:
    """Who decides what, and how long it may take."""
    parts = [
        f"Оператор кадрового резерва — {edition.operator_name}. Орган управления образованием — {edition.authority_name}."
    ]
    parts += ["## Кто решает", _list(_decisions(edition))]
    parts += ["## Сроки", _list(f"{row.title}: {limit_words(row)}" for row in edition.time_limits.all())]
    parts.append("Сроки в рабочих днях считаются по производственному календарю с переносами выходных.")
    return _text(parts)


def events(edition: Edition) -> str:
    """Events of the reserve and what taking part gives (T6, T7, O3.19)."""
    parts = [
        "Для тех, кто в резерве, оператор проводит встречи, стажировки и обучение. План на год публикуется здесь, приглашения приходят на почту."
    ]
    count = edition.value("advantage_events")
    if edition.value("advantage") == "events" and count:
        word = plural(count, "мероприятии", "мероприятиях", "мероприятиях")
        parts.append(
            f"Кто подтверждённо участвовал не менее чем в {count} {word}, получает преимущество при подборе на вакансию. "
            "Счётчик виден в кабинете резервиста."
        )
    elif edition.value("advantage") == "zone":
        parts.append("При подборе на вакансию первыми идут резервисты зелёной зоны, затем — по рейтингу.")
    parts.append(
        "Засчитывается только подтверждённое участие. Если прийти не получается, сообщите об этом заранее в кабинете."
    )
    return _text(parts)


def intakes(edition: Edition) -> str:
    """When one may apply (T1, O3.1)."""
    count = edition.value("intakes_a_year")
    often = f"{count} {plural(count, 'раз', 'раза', 'раз')} в год"
    parts = [
        f"Наборы в кадровый резерв проводят {often} ({edition.clause('intakes_a_year')}).",
        "Время приёма — по часовому поясу региона. Подано вовремя то, что отправлено до последней секунды окна.",
        "Для заявления на бумаге, по почте или через Госуслуги важен день, когда оно поступило оператору.",
        "Ниже — объявленные и идущие наборы. Даты можно добавить в календарь телефона.",
    ]
    return _text(parts)


def materials(edition: Edition) -> str:
    """Methodical and analytic materials, sample questions (O1.12, T3)."""
    return _text(
        [
            "Методические и аналитические материалы для тех, кто готовится к оценке, и примеры вопросов.",
            "Примерные вопросы к назначенной оценке публикуют на её странице: ссылка появится здесь, когда оценку назначат.",
        ]
    )


def programmes(edition: Edition) -> str:
    """Programmes of training for the reserve (O1.12)."""
    parts = ["Программы, которые помогают подготовиться к работе руководителя и закрыть дефициты."]
    if edition.value("learning_route"):
        parts.append("Кто не набрал проходной результат, получит маршрут обучения из этих программ.")
    return _text(parts)


def more(edition: Edition) -> str:
    """How to learn more (O1.12)."""
    return _text(
        [
            "## Читайте на портале",
            _list(
                [
                    "требования, документы и порядок подачи — на соседних страницах;",
                    "ответы — в разделе «Частые вопросы»;",
                    "объявления о наборах, оценке и мероприятиях — в новостях.",
                ]
            ),
            "## Спросите оператора",
            f"На вопросы отвечает {edition.operator_name}. Адрес и телефон — в разделе «Контакты».",
            "## Проверьте себя",
            "Портал без входа покажет, какие требования вы уже выполняете; ответы нигде не сохраняются.",
        ]
    )


def contacts(edition: Edition) -> str:
    """Where to ask."""
    return _text(
        [
            f"Вопросы о наборе, документах и оценке принимает оператор резерва: {edition.operator_name}.",
            "Если у вас есть заявление, сначала загляните в кабинет: там видно, на каком оно шаге и кто за него отвечает.",
            NO_ADDRESS,
        ]
    )


def regulation(edition: Edition) -> str:
    """The texts behind the rules."""
    parts = [f"Портал работает по правилам: {edition.name}.", "## Документы, на которых они основаны"]
    parts.append(_list(part.strip() for part in edition.source.split(";")))
    parts.append(
        "Рядом с каждым правилом портал показывает пункт документа, из которого оно взято. Слово «образец» значит, что порядок об этом молчит и действует принятое по умолчанию значение."
    )
    return _text(parts)


def personal_data(edition: Edition) -> str:
    """The policy on personal data in plain words (152-FZ)."""
    published = edition.value("public_list")
    parts = [
        f"Сведения о вас обрабатывает оператор резерва: {edition.operator_name}.",
        "## Что и зачем",
        "Анкета, документы, результаты оценки и решения нужны, чтобы провести отбор и вести резерв. Ни для чего другого они не используются.",
        "## Кто видит",
        _list(
            [
                "оператор — всё, что относится к отбору;",
                "члены комиссий — документы тех, кто в повестке их заседания, и только пока решение не принято;",
                f"{edition.authority_short} — списки на утверждение и результаты;",
                "вы — всё о себе, в том числе кто и когда открывал ваши документы.",
            ]
        ),
        "## Что публикуется",
        "Список резерва. " + WITHOUT_NAME if published else "Ничего: список резерва закрыт для посторонних.",
        "## Ваши права",
        _list(
            [
                "получить копию всех своих данных из кабинета;",
                "исправить неверное;",
                "отозвать согласие, общее или только на публикацию;",
                "потребовать удалить данные, если закон не велит их хранить.",
            ]
        ),
        "На обращение о персональных данных ответят за 10 рабочих дней.",
        "## Что хранит браузер",
        "Две служебные cookie для входа и защиты форм и одну с настройками версии для слабовидящих. Счётчиков посещений и чужих сервисов на портале нет.",
    ]
    return _text(parts)


def questions(edition: Edition) -> str:
    """Frequent questions, answered by the edition's rules."""
    parts = [
        "## Можно ли подать заявление не сразу?",
        "Да. Черновик хранится, пока открыт набор, и портал напомнит о нём до конца приёма.",
        "## Файл не загружается. Что делать?",
        "Портал напишет почему: не тот вид файла, слишком велик, не открывается. Чаще всего помогает сохранить документ в PDF заново.",
        "## Я ошибся после подачи. Можно исправить?",
        "Напишите оператору — адрес на странице «Контакты», — и он вернёт нужный документ на исправление. До решения о включении заявление можно и отозвать.",
        "## Не набрал нужный результат. Что дальше?",
        _after_failure(edition),
        "## Как узнать, настоящий ли документ?",
        "На первом листе стоят QR-код и код проверки. Страница «Проверить документ» скажет, выдавал ли его портал и не менялся ли файл.",
    ]
    if not edition.value("only_from_reserve"):
        return _text(parts)
    parts += [
        "## Могут ли назначить директора не из резерва?",
        "Нет, назначают только тех, кто состоит в резерве"
        + (", и по согласованию." if edition.value("agreement") else "."),
    ]
    return _text(parts)


PAGES: tuple[tuple[str, str, Callable[[Edition], str]], ...] = (
    ("requirements", "Кто может стать кандидатом", requirements),
    ("documents", "Какие нужны документы", documents),
    ("how-to-apply", "Как подать заявление", how_to_apply),
    ("intakes", "Сроки наборов", intakes),
    ("assessment", "Как проходит оценка", assessment),
    ("materials", "Материалы и примеры вопросов", materials),
    ("model", "Кто решает и в какие сроки", model),
    ("events", "Мероприятия для резервистов", events),
    ("programmes", "Программы обучения", programmes),
    ("questions", "Частые вопросы", questions),
    ("more", "Где узнать больше", more),
    ("regulation", "Правовая основа", regulation),
    ("personal-data", "Персональные данные", personal_data),
    ("contacts", "Контакты", contacts),
)


def _text(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"— {line}" for line in lines)


def _with_clause(item: Requirement) -> str:
    return f"{item.title} ({clause_in_words(item.clause)})" if item.clause else item.title


def _variants(item: Requirement) -> list[str]:
    titles = [row["title"] for row in item.rule.get("any", []) if isinstance(row, dict) and "title" in row]
    return [f"## {item.title}: подойдёт любой вариант", _list(titles)] if titles else []


def _document(row: DocumentType) -> str:
    return f"{row.name}. {row.hint}" if row.hint else row.name


def _number(value: Decimal) -> str:
    text = f"{value.normalize():f}".replace(".", ",")
    word = plural(int(value), "балл", "балла", "баллов") if value == int(value) else "балла"
    return f"{text} {word}"


def _genitive(limit: TimeLimit) -> str:
    if limit.unit == Unit.WORKING_DAYS:
        return f"{limit.amount} {plural(limit.amount, 'рабочего дня', 'рабочих дней', 'рабочих дней')}"
    return limit_words(limit)


def _threshold(edition: Edition) -> list[str]:
    threshold, green = edition.value("threshold_percent"), edition.value("green_percent")
    if threshold is None:
        return ["Проходной порог утверждают до начала оценки и после этого не меняют."]
    lines = [
        f"Проходной порог — {threshold.normalize():f} % от наибольшей возможной суммы. Сравнение точное, без округления."
    ]
    if edition.value("zones") and green is not None:
        lines.append(
            f"От {green.normalize():f} % — зелёная зона, от порога до неё — жёлтая, ниже порога — красная."
        )
    return lines


def _notice_terms(limits: dict[str, TimeLimit]) -> list[str]:
    names = {"invitation": "Приглашение", "sample_questions": "Примерные вопросы"}
    return [f"{name}: {limit_words(limits[code])}" for code, name in names.items() if code in limits]


def _decisions(edition: Edition) -> list[str]:
    names: dict[str, str] = {row.code: row.name for row in BodyRule.objects.filter(edition=edition)}
    lines = []
    for decision in Decision:
        links = [row for row in edition.chain_links.all() if row.decision == decision]
        bodies = [
            names.get(row.body, row.body) + (" (приказ)" if row.form == LinkForm.ORDER else "")
            for row in sorted(links, key=lambda row: row.order)
        ]
        if bodies:
            lines.append(f"{decision.label[0].upper()}{decision.label[1:]}: {'; затем '.join(bodies)}")
    return lines


def _after_failure(edition: Edition) -> str:
    months = edition.value("wait_months")
    if edition.value("learning_route") and months:
        again = " Подать заявление можно и раньше." if edition.value("apply_while_waiting") else ""
        return (
            "Оператор составит для вас маршрут обучения по тем направлениям, где баллов не хватило. "
            f"Включить в резерв могут не раньше чем через {months} {plural(months, 'месяц', 'месяца', 'месяцев')} после результата.{again}"
        )
    return (
        "В этот раз в резерв не включат, но в следующем наборе можно участвовать снова, без срока ожидания."
    )
