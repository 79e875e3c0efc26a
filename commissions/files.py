"""Files that bodies are given."""

import hashlib

from django.core.files.base import File


def sha256_of(file: File) -> str:
    """SHA-256 of a file, read in pieces; it stands at its beginning afterwards."""
    digest = hashlib.sha256()
    file.seek(0)
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()
