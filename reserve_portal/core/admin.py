from django.contrib import admin

from .admin_base import PortalModelAdmin
from .models import CalendarDay, CalendarYear, Job


@admin.register(CalendarYear)
class CalendarYearAdmin(PortalModelAdmin):
    editors = ("administrator",)
    list_display = ["year", "source"]


@admin.register(CalendarDay)
class CalendarDayAdmin(PortalModelAdmin):
    editors = ("administrator",)
    list_display = ["day", "is_working", "note"]
    list_filter = ["is_working"]


@admin.register(Job)
class JobAdmin(PortalModelAdmin):
    list_display = ["title", "state", "done", "total", "created_at", "finished_at", "error"]
    list_filter = ["state"]
