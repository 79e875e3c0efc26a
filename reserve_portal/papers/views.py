from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from reserve_portal.audit.services import record_read
from reserve_portal.core.downloads import private_file

from .enums import SignatureForm
from .forms import CheckForm
from .kinds import paper_kinds
from .models import IssuedPaper, PaperSignature
from .perms import can_read_paper


@login_not_required
def check(request: HttpRequest) -> HttpResponse:
    """Say of a paper only: issued, date, kind, altered or not."""
    form = CheckForm(request.GET or None)
    found, asked = None, False
    if request.GET and form.is_valid():
        asked, data = True, form.cleaned_data
        papers = IssuedPaper.objects.all()
        if data["code"]:
            found = papers.filter(check_code=data["code"].strip().lower()).first()
        else:
            found = papers.filter(
                number=data["number"].strip(), sha256=data["sha256"].strip().lower()
            ).first()
    sha256 = form.cleaned_data["sha256"].strip().lower() if asked else ""
    context = {
        "form": form,
        "found": found,
        "asked": asked,
        "kind_title": _kind_title(found) if found else "",
        "compared": bool(sha256),
        "altered": bool(found and sha256 and sha256 != found.sha256),
    }
    return render(request, "papers/check.html", context)


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
