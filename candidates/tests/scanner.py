"""A small server that speaks as much of clamd's protocol as the portal does, with a signature of its own."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SIGNATURE = b"reserve-portal-test-signature"
NAME = "Reserve.Portal.Test"


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
            return
        data = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            data += self.rfile.read(size)
        server.seen.append(data)
        answer = f"stream: {NAME} FOUND" if SIGNATURE in data else "stream: OK"
        self.wfile.write((server.answer or answer).encode() + b"\0")


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def scanner(path: Path | None = None, answer: str = "") -> Iterator[Any]:
    """Serve on a free port, or on the socket `path`; `.address` for the settings, `.seen` what it was sent.

    `answer` is said instead of a verdict.
    """
    server: Any = _Unix(str(path), _Talk) if path else _Tcp(("127.0.0.1", 0), _Talk)
    server.seen, server.answer = [], answer
    server.address = f"unix://{path}" if path else f"tcp://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
