"""Deeds of bodies, as the journal names them."""

from reserve_portal.audit.deeds import name_deeds

name_deeds(
    {
        "commissions.add_material": "Материал к вопросу повестки приложен",
        "commissions.add_to_agenda": "Вопрос внесён в повестку",
        "commissions.cancel_meeting": "Заседание отменено",
        "commissions.cast_vote": "Голос подан",
        "commissions.close_meeting": "Заседание завершено, протокол выпущен",
        "commissions.close_voting": "Голосование завершено",
        "commissions.create_list": "Список на решение составлен",
        "commissions.declare_conflict": "Отвод заявлен",
        "commissions.download_order": "Файл приказа скачан",
        "commissions.draft_correction": "Исправление решения подготовлено",
        "commissions.edit_body": "Состав органа изменён",
        "commissions.extend_poll": "Заочное голосование продлено",
        "commissions.mark_attendance": "Явка на заседание отмечена",
        "commissions.open_meeting": "Заседание открыто",
        "commissions.open_voting": "Голосование открыто",
        "commissions.plan_meeting": "Заседание назначено",
        "commissions.read_material": "Материал к вопросу повестки прочитан",
        "commissions.record_order": "Приказ внесён",
        "commissions.remind_silent": "Членам органа отправлено напоминание проголосовать",
        "commissions.remove_from_agenda": "Вопрос снят с повестки",
        "commissions.remove_material": "Материал к вопросу повестки убран",
        "commissions.reopen_voting": "Голосование возобновлено",
        "commissions.replace_lines": "Список на решение составлен заново",
        "commissions.replay": "Ход принятия решения просмотрен",
        "commissions.save_discussion": "Ход обсуждения записан",
        "commissions.send_list": "Список направлен на решение",
        "commissions.take_back_list": "Список отозван на доработку",
    }
)
