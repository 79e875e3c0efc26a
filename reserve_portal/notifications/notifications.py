from .kinds import register_letter

register_letter(
    "deadlines.digest",
    "Ежедневная сводка сроков",
    "Сроки на {{ day }}: дел — {{ count }}",
    """
Здравствуйте, {{ greeting }}!

{{ lines }}

Открыть портал: {{ portal_url }}

{{ signature }}
""",
    day="Дата сводки",
    count="Число сроков",
    lines="Перечень сроков",
)
