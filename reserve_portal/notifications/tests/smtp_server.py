"""A mail server that keeps what it accepted and lets a test act at a chosen moment of the talk."""

import socketserver
import threading
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from email.policy import default


class SmtpServer(socketserver.ThreadingTCPServer):
    """Listens on a free port of 127.0.0.1. Hooks: `before_mail` at MAIL FROM, `before_accepting` with the message.

    A message counts as accepted from the moment its 250 is written; what `before_accepting` does happens just before.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.accepted: list[Message] = []
        self.before_mail: Callable[[], None] = lambda: None
        self.before_accepting: Callable[[], None] = lambda: None
        self.refusal = b""
        self.lock = threading.Lock()

    def __enter__(self) -> "SmtpServer":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def copies(self) -> Counter[str]:
        """How many copies were accepted of each Message-ID."""
        with self.lock:
            return Counter(message["Message-ID"] for message in self.accepted)


class _Talk(socketserver.StreamRequestHandler):
    server: SmtpServer

    def handle(self) -> None:
        try:
            self._talk()
        except OSError:
            return  # the client was killed

    def _talk(self) -> None:
        self._say(b"220 tests ready")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.strip() else b""
            if word == b"MAIL":
                self.server.before_mail()
                self._say(self.server.refusal or b"250 go on")
            elif word == b"DATA":
                self._say(b"354 go on")
                self._accept(self._read_message())
            elif word == b"QUIT":
                self._say(b"221 bye")
                return
            else:
                self._say(b"250 go on")

    def _read_message(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _accept(self, content: bytes) -> None:
        self.server.before_accepting()
        with self.server.lock:
            self.server.accepted.append(message_from_bytes(content, policy=default))
        self._say(b"250 accepted")

    def _say(self, words: bytes) -> None:
        self.wfile.write(words + b"\r\n")
        self.wfile.flush()
