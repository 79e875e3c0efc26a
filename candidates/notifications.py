"""Letters of the candidates' stage."""

from reserve_portal.notifications.kinds import register_letter

from . import intake_letters  # noqa: F401  (letters of the operator)

# --- the candidate's own deeds --------------------------------------------------------------------------------------

register_letter(
    "application.submitted",
    "Заявление подано",
    "Ваше заявление ПОДАНО: {{ campaign }}",
    """
Здравствуйте, {{ greeting }}!

Ваше заявление ПОДАНО {{ moment }}. Набор: {{ campaign }}. Приложено файлов: {{ files }}.

Что дальше: оператор зарегистрирует заявление и пришлёт вам его номер. Расписку с описью документов
и ход рассмотрения смотрите в кабинете: {{ portal_url }}{{ path }}

{{ signature }}
""",
    campaign="Название набора",
    moment="Дата и время подачи",
    files="Сколько файлов приложено",
    path="Адрес страницы заявления на портале",
)

register_letter(
    "application.withdrawn",
    "Заявление отозвано",
    "Ваше заявление отозвано: {{ campaign }}",
    """
Здравствуйте, {{ greeting }}!

Ваше заявление отозвано {{ moment }}. Набор: {{ campaign }}. Рассматривать его больше не будут.

Пока приём идёт, можно подать новое заявление: {{ portal_url }}

{{ signature }}
""",
    campaign="Название набора",
    moment="Дата и время отзыва",
)

# --- personal data --------------------------------------------------------------------------------------------------

register_letter(
    "subject_request.received",
    "Запрос о персональных данных получен",
    "Мы получили ваш запрос о персональных данных",
    """
Здравствуйте, {{ greeting }}!

Мы получили ваш запрос: {{ kind }}.
Ответим {{ until }}. Ответ придёт письмом и появится в кабинете: {{ portal_url }}/candidate/requests/

{{ signature }}
""",
    kind="О чём просит человек",
    until="До какого дня придёт ответ",
)

register_letter(
    "subject_request.answered",
    "Ответ на запрос о персональных данных",
    "Ответ на ваш запрос о персональных данных",
    """
Здравствуйте, {{ greeting }}!

Вы просили: {{ kind }}.

{{ answer }}

{{ signature }}
""",
    kind="О чём просил человек",
    answer="Ответ оператора",
)
