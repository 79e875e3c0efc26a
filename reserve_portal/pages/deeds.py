"""Deeds with the public pages, as the journal names them."""

from reserve_portal.audit.deeds import name_deeds

name_deeds(
    {
        "pages.hide": "Страница сайта снята с публикации",
        "pages.load": "Недостающие страницы сайта созданы",
        "pages.publish": "Страница сайта опубликована",
        "pages.publish_news": "Новость опубликована",
    }
)
