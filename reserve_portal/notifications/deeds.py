"""Deeds with letters, as the journal names them."""

from reserve_portal.audit.deeds import name_deeds

name_deeds(
    {
        "notifications.begin_mailing": "Рассылка начата",
        "notifications.resend": "Письмо отправлено повторно",
        "notifications.restore_text": "Исходный текст письма возвращён",
        "notifications.save_text": "Текст письма изменён",
    }
)
