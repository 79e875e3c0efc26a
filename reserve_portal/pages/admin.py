from django.contrib import admin

from reserve_portal.core.admin_base import PortalModelAdmin

from .models import NewsItem, PublicPage


@admin.register(PublicPage)
class PublicPageAdmin(PortalModelAdmin):
    editors = ("operator", "administrator")
    list_display = ["title", "slug", "order", "is_published"]


@admin.register(NewsItem)
class NewsItemAdmin(PortalModelAdmin):
    editors = ("operator", "administrator")
    list_display = ["title", "published_on", "is_published"]
