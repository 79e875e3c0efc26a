from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from reserve_portal.audit.services import record_read
from reserve_portal.core.downloads import private_file

from .. import materials, perms
from ..forms import MaterialForm
from ..models import AgendaItem, Material
from .common import confirm, done, require


def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a file for the voters."""
    rows = AgendaItem.objects.visible_to(request.user).select_related("meeting", "list")
    item = get_object_or_404(rows.prefetch_related("meeting__members"), pk=pk)
    require(perms.can_change_materials(request.user, item))
    form = MaterialForm(request.POST or None, request.FILES or None, decision_list=item.list)
    back = reverse("commissions:item", args=[pk])
    if request.method == "POST" and form.is_valid():
        given = {"actor": request.user, **form.cleaned_data}
        if done(request, materials.add_material, item, said="Материал добавлен.", **given):
            return redirect(back)
    effects = ["Материал увидят члены органа, вызванные на заседание.", "Кто его открывал, запишется."]
    return confirm(request, f"Материал к вопросу: {item.title}", effects, form, back)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file back before the voting."""
    row = _find(request, pk)
    require(perms.can_change_materials(request.user, row.item))
    done(request, materials.remove_material, row, actor=request.user, said="Материал убран.")
    return redirect("commissions:item", row.item_id)


def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a material to whom it concerns; for others it does not exist."""
    row = _find(request, pk)
    if not perms.can_read_material(request.user, row):
        raise Http404
    person = row.line.person if row.line else None
    record_read(row, actor=request.user, person=person, what="commissions.read_material")
    return private_file(row.file, f"{row.title}.pdf")


def _find(request: HttpRequest, pk: int) -> Material:
    rows = Material.objects.filter(item__in=AgendaItem.objects.visible_to(request.user))
    rows = rows.select_related("item__meeting", "line__person").prefetch_related("item__meeting__members")
    return get_object_or_404(rows, pk=pk)
