from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest

from .admin_base import PortalModelAdmin
from .downloads import private_file
from .enums import JobState
from .job_files import file_of
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
    """Long work: how far it is, what went wrong, and the file it made for whoever asked."""

    change_form_template = "admin/job.html"
    list_display = ["title", "state", "done", "total", "created_at", "finished_at", "error"]
    list_filter = ["state"]
    fields = ["created_by", "created_at"]  # the rest is the progress above them, which renews itself

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """The job's page; `?file=1` hands out the file to the person who asked for it."""
        row: Any = self.get_object(request, object_id)
        kept = file_of(row, request.user) if row is not None else None
        if "file" in request.GET and self.has_view_permission(request):
            if kept is None:
                raise Http404
            return private_file(kept.file, kept.name)
        is_running = row is not None and row.state in (JobState.QUEUED, JobState.RUNNING)
        context = {"job": row, "kept": kept, "is_running": is_running, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)
