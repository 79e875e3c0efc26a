"""A production installation for a test: the shipped processes behind the shipped nginx, on free ports."""

import http.cookiejar
import ipaddress
import os
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from reserve_portal.core.tests.processes import PortalProcess, portal_process, wait_until

HOST = "127.0.0.1"
# Seconds suffice on a machine that has nothing else to do.
PATIENCE = 120
TOKEN = "token-of-the-monitor"
DEPLOY = settings.BASE_DIR / "reserve_portal" / "deploy"
SERVE = str(settings.BASE_DIR / "bin" / "serve")


def free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


@dataclass
class Production:
    """Two web processes, two workers, one beat, nginx with TLS; `web[0].kill()` and `worker[0].kill()` kill one."""

    folder: Path
    database_url: str
    redis_url: str
    email_url: str
    web: list[PortalProcess] = field(default_factory=list)
    worker: list[PortalProcess] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stack = ExitStack()
        self.web_ports = [free_port(), free_port()]
        self.http_port, self.https_port = free_port(), free_port()
        self.url = f"https://{HOST}:{self.https_port}"
        self.certificate = self.folder / "fullchain.pem"

    @property
    def environment(self) -> dict[str, str]:
        """What portal.env holds; nothing of the living example and of the tests' shortcuts."""
        return {
            "PYTHON": sys.executable,
            "LIVING_EXAMPLE": "false",
            "FAST_PASSWORDS": "false",
            "SECRET_KEY": "a-key-of-this-test-only-that-is-long-enough-for-production-0123456789",
            "SITE_URL": f"https://{HOST}",
            "ALLOWED_HOSTS": HOST,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "EMAIL_URL": self.email_url,
            "DATA_DIR": str(self.folder),
            "X_ACCEL_PREFIX": "/private-files/",
            "HEALTH_TOKEN": TOKEN,
            "LETTER_LEASE_SECONDS": "2",
            "TEST_KEY_PREFIX": f"{self.folder.name}:",
            "WEB_PROCESSES": "1",
            "WORKER_PROCESSES": "1",
        }

    def __enter__(self) -> "Production":
        try:
            self._start_all()
        except BaseException:
            self.stack.close()
            raise
        return self

    def _start_all(self) -> None:
        make_certificate(self.certificate, self.folder / "key.pem")
        (self.folder / "static").mkdir()
        self.worker = [self._start("worker"), self._start("worker")]
        self._start("beat")
        self.web = [self.start_web(number) for number in range(2)]
        self._start_nginx()
        wait_until(lambda: all(map(self.answers, self.web_ports)), PATIENCE)

    def __exit__(self, *args: object) -> None:
        self.stack.close()

    def start_web(self, number: int) -> PortalProcess:
        return self._start("web", WEB_BIND=f"{HOST}:{self.web_ports[number]}")

    def _start(self, role: str, **more: str) -> PortalProcess:
        log = self.folder / f"{role}.log"
        return self.stack.enter_context(
            portal_process([role], {**self.environment, **more}, log, program=SERVE)
        )

    def _start_nginx(self) -> None:
        values = {
            "UPSTREAM": " ".join(
                f"server {HOST}:{port} max_fails=1 fail_timeout=1s;" for port in self.web_ports
            ),
            "HTTP_PORT": str(self.http_port),
            "HTTPS_PORT": str(self.https_port),
            "SERVER_NAME": HOST,
            "CERTIFICATE": str(self.certificate),
            "CERTIFICATE_KEY": str(self.folder / "key.pem"),
            "ACME_FOLDER": str(self.folder / "acme"),
            "FILES_FOLDER": str(self.folder / "files"),
            "WORK_FOLDER": str(self.folder / "nginx"),
            "NGINX_MORE": "user root;" if os.getuid() == 0 else "",
            "PATH": f"{os.environ['PATH']}:/usr/sbin",
        }
        self.stack.enter_context(
            portal_process([], values, self.folder / "nginx.log", program=str(DEPLOY / "nginx-start.sh"))
        )

    def logs(self) -> str:
        return "\n".join(f"--- {path.name}\n{path.read_text()[-3000:]}" for path in self.folder.glob("*.log"))

    def answers(self, port: int) -> bool:
        """Does this web process answer by itself?"""
        try:
            return Browser(self).ask("/health/", at=f"http://{HOST}:{port}").status in (200, 503)
        except Unreachable:
            return False


class Unreachable(Exception):
    """No answer, or one of nginx's own: the deed is not confirmed, try again."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Browser:
    """One person's browser: keeps cookies, trusts the installation's certificate alone, follows no redirect."""

    def __init__(self, production: Production):
        self.url = production.url
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(
                context=ssl.create_default_context(cafile=str(production.certificate))
            ),
            urllib.request.HTTPCookieProcessor(self.cookies),
            _NoRedirects(),
        )

    def ask(self, path: str, data: dict[str, Any] | None = None, *, at: str = "", **headers: str) -> Answer:
        """GET, or POST of `data` as a form; raises Unreachable where no web process answered."""
        request = urllib.request.Request((at or self.url) + path, headers=headers)
        if at:  # what nginx would say to the web process
            request.add_header("X-Forwarded-Proto", "https")
            request.add_header("Cookie", "; ".join(f"{item.name}={item.value}" for item in self.cookies))
        if data is not None:
            request.data = encode_multipart(BOUNDARY, data)
            request.add_header("Content-Type", MULTIPART_CONTENT)
            request.add_header("Referer", f"https://{HOST}/")
            request.add_header("X-CSRFToken", self.cookie("csrftoken") or "")
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                if error.code in (502, 504):
                    raise Unreachable(error.code) from None
                return Answer(error.code, error.headers, error.read())
        except (OSError, HTTPException) as error:
            raise Unreachable(str(error)) from None

    def insist(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> Answer:
        """Ask until there is an answer, as people do."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.ask(path, data, **headers)
            except Unreachable:
                assert time.monotonic() < until, f"{path}: no answer"
                time.sleep(0.1)

    def cookie(self, name: str) -> str | None:
        return next((item.value for item in self.cookies if item.name == name), None)

    def sign_in(self, email: str, password: str) -> "Browser":
        self.insist("/accounts/login/")
        answer = self.insist("/accounts/login/", {"login": email, "password": password})
        assert answer.status == 302, answer.text[:2000]
        return self


def make_certificate(certificate: Path, key_file: Path) -> None:
    """A self-signed certificate of this machine for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "reserve portal test")])
    now = datetime.fromtimestamp(time.time(), UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), False)
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
