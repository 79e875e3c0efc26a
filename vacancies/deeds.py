"""Deeds with vacancies, as the journal names them."""

from reserve_portal.audit.deeds import name_deeds

name_deeds(
    {
        "vacancies.accept": "Согласие резервиста на вакансию получено",
        "vacancies.answer": "Ответ с подборкой резервистов выдан",
        "vacancies.answer_nobody": "Ответ об отсутствии подходящих резервистов выдан",
        "vacancies.appoint": "Назначение внесено",
        "vacancies.ask": "Вакансия предложена резервисту",
        "vacancies.cancel": "Вакансия отозвана",
        "vacancies.decide_agreement": "Ответ о согласовании кандидатуры внесён",
        "vacancies.fall_through": "Назначение отмечено как несостоявшееся",
        "vacancies.head_installed": "Новый руководитель организации отмечен",
        "vacancies.head_left": "Уход руководителя организации отмечен",
        "vacancies.head_stays": "Уход руководителя организации отменён",
        "vacancies.import_heads": "Сведения о руководителях загружены",
        "vacancies.infected_concept": "Концепция развития изъята как заражённая",
        "vacancies.present": "Кандидатура на вакансию представлена",
        "vacancies.read_concept": "Концепция развития скачана",
        "vacancies.read_nominee": "Карточка претендента на должность прочитана",
        "vacancies.refuse": "Отказ резервиста от вакансии получен",
        "vacancies.release": "Кандидатура на вакансию снята",
        "vacancies.report": "Сведения о вакансии поданы",
        "vacancies.save_match": "Подбор на вакансию зафиксирован",
        "vacancies.save_sheet": "Оценочный лист защиты сохранён",
        "vacancies.schedule_defence": "Защита концепций назначена",
        "vacancies.send_for_recommendation": "Кандидатуры направлены на рекомендацию",
        "vacancies.start_matching": "Подбор на вакансию начат",
        "vacancies.upload_concept": "Концепция развития загружена",
    }
)
