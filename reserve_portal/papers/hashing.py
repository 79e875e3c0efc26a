"""A file sent for comparison: its SHA-256 is taken as it comes in, the file itself is kept nowhere."""

import hashlib
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MAX_BYTES = 50 * 1024 * 1024


class HashedFile(UploadedFile):
    """What is left of a file that was sent: its name, its size, its SHA-256."""

    sha256 = ""

    @property
    def is_too_large(self) -> bool:
        return (self.size or 0) > MAX_BYTES


class HashingHandler(FileUploadHandler):
    """Takes the place of the handlers that would keep the file in memory or on the disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.digest, self.count = hashlib.sha256(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.count += len(raw_data)
        if self.count <= MAX_BYTES:
            self.digest.update(raw_data)

    def file_complete(self, file_size: int) -> HashedFile:
        file = HashedFile(name=self.file_name, content_type=self.content_type, size=self.count)
        file.sha256 = self.digest.hexdigest()
        return file
