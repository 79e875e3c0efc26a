"""Deeds with papers, as the journal names them."""

from reserve_portal.audit.deeds import name_deeds

name_deeds(
    {
        "papers.add_trusted_root": "Корневой сертификат загружен",
        "papers.attach_scan": "Скан подписанного документа приложен",
        "papers.attach_signature": "Электронная подпись приложена к документу",
        "papers.download": "Документ портала скачан",
        "papers.download_signature": "Подпись или скан документа портала скачаны",
        "papers.edit_trusted_root": "Доверие к корневому сертификату изменено",
        "papers.issue": "Документ портала выпущен",
        "papers.make": "Файл документа портала изготовлен",
    }
)
