"""Letters of bodies and their decisions."""

from reserve_portal.notifications.kinds import register_letter

register_letter(
    "meeting.called",
    "Приглашение на заседание",
    "Заседание {{ when }}",
    """Здравствуйте, {{ greeting }}!

Вы приглашены на заседание: {{ body }}.
Когда: {{ when }}.
Форма: {{ form }}. Место: {{ place }}.

Повестка и материалы — на портале: {{ url }}
Если по кому-либо из списка у вас есть личная заинтересованность, заявите об отводе до голосования.

{{ signature }}""",
    body="Орган",
    when="Дата и время",
    form="Форма заседания",
    place="Место или ссылка",
    url="Адрес страницы заседания",
)

register_letter(
    "meeting.cancelled",
    "Заседание отменено",
    "Отменено заседание {{ when }}",
    """Здравствуйте, {{ greeting }}!

Заседание, назначенное на {{ when }}, отменено: {{ body }}.
Причина: {{ reason }}

{{ signature }}""",
    body="Орган",
    when="Дата и время",
    reason="Причина",
)

register_letter(
    "meeting.voting",
    "Открыто заочное голосование",
    "Ждём ваш голос: {{ question }}",
    """Здравствуйте, {{ greeting }}!

Открыто заочное голосование по вопросу: {{ question }}.
Орган: {{ body }}.

Материалы и форма для голоса: {{ url }}

{{ signature }}""",
    body="Орган",
    question="Вопрос повестки",
    url="Адрес страницы вопроса",
)

register_letter(
    "list.waits_for_order",
    "Список ждёт приказа",
    "Список ждёт приказа: {{ list }}",
    """Здравствуйте, {{ greeting }}!

Для утверждения приказом передан список: {{ list }} (человек: {{ count }}).
Кто утверждает: {{ body }}.
Основание: {{ basis }}.

Внести приказ: {{ portal_url }}/commission/orders/

{{ signature }}""",
    list="Название списка",
    body="Орган",
    basis="Протоколы и приказы, на которых основан список",
    count="Сколько человек в списке",
)
