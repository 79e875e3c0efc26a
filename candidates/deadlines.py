from reserve_portal.regulations.deadlines import register_event

register_event("application.submitted", "Заявление подано")
register_event("application.registered", "Заявление зарегистрировано")
register_event("application.completeness_checked", "Полнота пакета проверена")
register_event("application.reviewed", "Пакет документов проверен")
register_event("correction.requested", "Документы возвращены на исправление")
register_event("correction.done", "Исправления отправлены")
register_event("admission.decided", "Решение о допуске принято")
register_event("admission.notified", "Кандидаты оповещены о допуске")
register_event("dissemination.withdrawn", "Отозвано согласие на публикацию")
register_event("subject_request.received", "Получен запрос о персональных данных")
register_event("subject_request.answered", "На запрос о персональных данных дан ответ")
