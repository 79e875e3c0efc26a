"""The one way by which files leave the portal: always an attachment, never kept by a cache, never guessed about.

The view has checked the right and recorded the reading before it comes here.
"""

import logging
import mimetypes
from typing import IO, Any, cast

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.encoding import iri_to_uri
from django.utils.http import content_disposition_header

log = logging.getLogger(__name__)
UNKNOWN = "application/octet-stream"


def private_file(file: FieldFile, name: str, content_type: str = "") -> HttpResponseBase:
    """Hand out a stored file under a name of our own; raises Http404 for a file that is not in the folder.

    Where nginx stands before the portal (X_ACCEL_PREFIX) it gets the address of its internal location and sends the
    file itself, so that a slow reader holds no thread of the portal.
    """
    if not file.storage.exists(str(file.name)):
        log.error("file %s is named by a row and is not in the folder", file.name)
        raise Http404
    if not settings.X_ACCEL_PREFIX:
        return generated_file(file.open("rb"), name, content_type)
    response = HttpResponse()
    response["X-Accel-Redirect"] = iri_to_uri(settings.X_ACCEL_PREFIX + str(file.name))
    return _dressed(response, _own_name(name), content_type)


def generated_file(content: IO[bytes] | bytes, name: str, content_type: str = "") -> HttpResponseBase:
    """Hand out what was made for this request and is stored nowhere."""
    response: HttpResponseBase = (
        HttpResponse(content) if isinstance(content, bytes) else FileResponse(cast(Any, content))
    )
    return _dressed(response, _own_name(name), content_type)


def _own_name(name: str) -> str:
    """Numbers of papers hold slashes, names of files must not."""
    return name.replace("/", "-").replace("\\", "-")


def _dressed(response: HttpResponseBase, name: str, content_type: str) -> HttpResponseBase:
    response["Content-Type"] = content_type or mimetypes.guess_type(name)[0] or UNKNOWN
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
