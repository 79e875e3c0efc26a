from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from reserve_portal.audit.services import record_read
from reserve_portal.core.downloads import private_file
from reserve_portal.core.throttle import is_too_often

from .enums import SignatureForm
from .forms import CheckForm
from .hashing import HashingHandler
from .kinds import paper_kinds
from .models import IssuedPaper, PaperSignature
from .perms import can_read_paper

FILES_A_MINUTE = 10


@login_not_required
@csrf_exempt  # the handler must be there before the body is read; the token is checked within
def check(request: HttpRequest) -> HttpResponse:
    """Say of a paper only: issued, date, kind, altered or not. A file that is sent leaves its SHA-256 alone behind."""
    request.upload_handlers = [HashingHandler(request)]
    return _check(request)


@csrf_protect
def _check(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _answer(request, CheckForm(request.GET or None))
    if is_too_often(request, "check-file", amount=FILES_A_MINUTE, seconds=60):
        return _answer(request, CheckForm(), throttled=True)
    form = CheckForm(request.POST, request.FILES)
    if form.is_valid() and not form.cleaned_data["file"]:
        asked = {name: form.cleaned_data[name] for name in ("code", "number", "sha256")}
        return redirect(f"{reverse('papers:check')}?{urlencode({k: v for k, v in asked.items() if v})}")
    return _answer(request, form)


def _answer(request: HttpRequest, form: CheckForm, *, throttled: bool = False) -> HttpResponse:
    asked = form.is_bound and form.is_valid()
    found = _find(form.cleaned_data) if asked else None
    sha256 = form.cleaned_data["sha256"].strip().lower() if asked else ""
    context = {
        "form": form,
        "found": found,
        "asked": asked,
        "throttled": throttled,
        "kind_title": _kind_title(found) if found else "",
        "compared": bool(sha256),
        "altered": bool(found and sha256 and sha256 != found.sha256),
    }
    return render(request, "papers/check.html", context, status=429 if throttled else 200)


def _find(data: dict[str, Any]) -> IssuedPaper | None:
    """By the code, or by number and hash together: a number alone tells nobody that a paper exists."""
    papers = IssuedPaper.objects.all()
    if data["code"]:
        return papers.filter(check_code=data["code"].strip().lower()).first()
    return papers.filter(number=data["number"].strip(), sha256=data["sha256"].strip().lower()).first()


def _kind_title(paper: IssuedPaper) -> str:
    """The kind's own name; the paper's title may name a person and is nobody else's business."""
    return paper_kinds.get(paper.kind).title if paper.kind in paper_kinds else "документ портала"


def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out an issued paper to whom it concerns; a foreign one does not exist."""
    paper = get_object_or_404(IssuedPaper, pk=pk)
    if not can_read_paper(request.user, paper):
        raise Http404
    record_read(paper, actor=request.user, person=paper.person, what="papers.download")
    return private_file(paper.file, f"{paper.title} {paper.number}.pdf")


def signature(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a signature, or a scan, to whoever may read the paper that it stands under."""
    row = get_object_or_404(PaperSignature.objects.select_related("paper"), pk=pk)
    if not can_read_paper(request.user, row.paper):
        raise Http404
    record_read(row, actor=request.user, person=row.paper.person, what="papers.download_signature")
    ending = "pdf" if row.form == SignatureForm.SCAN else "sig"
    return private_file(row.file, f"{row.paper.title} {row.paper.number}.{ending}")
