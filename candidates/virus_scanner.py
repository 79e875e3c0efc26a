"""The optional virus scanner: clamd's protocol (commands PING and INSTREAM), nothing else. Knows no model.

CLAMAV_ADDRESS says where it listens: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`; empty: there is none.
"""

import re
import socket
import struct
from typing import IO

from django.conf import settings

PIECE = 256 * 1024
LONGEST_ANSWER = 4096
ADDRESS = re.compile(r"tcp://(?P<host>[^/]+):(?P<port>\d+)/?|unix://(?P<path>/.+)")


class ScannerUnavailable(Exception):
    """The scanner cannot be reached or gave no verdict; the words are for the administrator."""


def is_configured() -> bool:
    """Say whether files are to be scanned at all."""
    return bool(settings.CLAMAV_ADDRESS)


def ping() -> None:
    """Raise ScannerUnavailable unless the scanner answers."""
    if _talk(b"zPING\0", None) != "PONG":
        raise ScannerUnavailable("отвечает не так, как clamd")


def scan(stream: IO[bytes]) -> str:
    """Return the name of what was found in the bytes of `stream`, or "" for a clean one; raises ScannerUnavailable."""
    answer = _talk(b"zINSTREAM\0", stream)
    if answer == "stream: OK":
        return ""
    found = re.fullmatch(r"stream: (.+) FOUND", answer)
    if not found:
        raise ScannerUnavailable(answer or "нет ответа")
    return found[1][:100]


def _talk(command: bytes, stream: IO[bytes] | None) -> str:
    """Send a command and what belongs to it; returns the answer, which ends with a zero byte."""
    try:
        with _connect() as connection:
            connection.sendall(command)
            while stream and (piece := stream.read(PIECE)):
                connection.sendall(struct.pack(">I", len(piece)) + piece)
            if stream:
                connection.sendall(struct.pack(">I", 0))
            return _answer(connection)
    except OSError as error:
        raise ScannerUnavailable(error.strerror or str(error)) from None


def _connect() -> socket.socket:
    where = ADDRESS.fullmatch(settings.CLAMAV_ADDRESS)
    if where is None:
        raise ScannerUnavailable("адрес в CLAMAV_ADDRESS записан неверно")
    if not where["path"]:
        return socket.create_connection((where["host"], int(where["port"])), settings.CLAMAV_SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(settings.CLAMAV_SECONDS)
        connection.connect(where["path"])
    except OSError:
        connection.close()
        raise
    return connection


def _answer(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        piece = connection.recv(LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")
