from reserve_portal.notifications.kinds import register_letter

_WHEN = {
    "procedure": "Название процедуры",
    "starts": "Начало (число и время)",
    "ends": "Конец (число и время)",
    "place": "Адрес платформы или место",
    "instructions": "Инструкция",
}

register_letter(
    "assessment.invited",
    "Приглашение на оценку",
    "Приглашаем на оценку: {{ starts }}",
    """
Здравствуйте, {{ greeting }}!

Вы допущены к оценке «{{ procedure }}».

Начало: {{ starts }}
Конец: {{ ends }}
Где: {{ place }}

{{ instructions }}

Время и место, инструкция и примерные вопросы — в вашем кабинете: {{ portal_url }}/home/

{{ signature }}
""",
    **_WHEN,
)

register_letter(
    "assessment.second_date",
    "Вторая дата оценки",
    "Назначена вторая дата оценки: {{ starts }}",
    """
Здравствуйте, {{ greeting }}!

Причина вашей неявки признана уважительной. Новая дата оценки «{{ procedure }}»:

Начало: {{ starts }}
Конец: {{ ends }}
Где: {{ place }}

{{ instructions }}

Ваш кабинет: {{ portal_url }}/home/

{{ signature }}
""",
    **_WHEN,
)

register_letter(
    "assessment.no_show",
    "Неявка на оценку",
    "Оценка не пройдена: неявка",
    """
Здравствуйте, {{ greeting }}!

Оценка «{{ procedure }}» закончилась, вашего результата нет. Если была уважительная причина, сообщите о ней оператору:
он может назначить вторую дату.

{{ signature }}
""",
    procedure="Название процедуры",
)

register_letter(
    "route.sent",
    "Индивидуальный образовательный маршрут",
    "Ваш индивидуальный образовательный маршрут",
    """
Здравствуйте, {{ greeting }}!

По итогам оценки для вас составлен индивидуальный образовательный маршрут:

{{ items }}

Включение в резерв возможно с {{ possible_from }}

Маршрут в формате PDF — в вашем кабинете: {{ portal_url }}/home/

{{ signature }}
""",
    possible_from="Когда включение снова возможно",
    items="Программы и мероприятия",
)
