from io import BytesIO
from typing import Any

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def qr_svg(text: str) -> SafeString:
    """An inline SVG of the QR code of `text`, with presentation attributes alone."""
    out = BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, scale=1, border=0, omitsize=True
    )
    # segno draws numbers alone; the text of the code never enters the markup.
    return mark_safe(out.getvalue().decode())  # nosec B308 B703


@register.inclusion_tag("papers/signature.html")
def operator_signature(signer: Any, edition: Any) -> dict[str, str]:
    """The line under which somebody signs for the operator: post and name (GOST R 7.0.97-2025).

    Whose account names no post signs as a specialist of the operator; without a `signer` the line is left to be filled.
    """
    post = getattr(signer, "post", "") or f"Специалист {getattr(edition, 'operator_short', '')}"
    return {"post": post, "name": signer.short_name if signer else ""}
