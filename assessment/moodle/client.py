"""Calls of Moodle's web service (REST, JSON), guarded: https, no inner addresses, limits of time and size.

The name is resolved once and the connection goes to that very address, so that it cannot be changed in between. Errors
that Moodle returns with status 200 are raised like all others; no message ever holds the token.
"""

import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

ENDPOINT = "/webservice/rest/server.php"
ANSWER_SECONDS = 30
WHOLE_SECONDS = 600
MAX_ANSWER = 32 * 1024 * 1024
PIECE = 64 * 1024
SHOWN = 200
MISSING_FUNCTION = frozenset({"accessexception", "invalidrecord", "invalidfunction"})
_REASONS = {
    "invalidtoken": "Moodle не принял токен: он неверен, истёк или отозван.",
    "accessexception": "Токену не разрешена функция {function}: добавьте её в службу Moodle.",
    "invalidrecord": "Moodle не нашёл запрошенного (функция {function}): проверьте номер курса.",
    "nopermissions": "У пользователя токена нет прав на {function}.",
    "nopermission": "У пользователя токена нет прав на {function}.",
    "required_capability_exception": "У пользователя токена нет прав на {function}.",
    "requireloginerror": "Курс закрыт для пользователя токена: запишите его на курс.",
    "errorcoursecontextnotvalid": "Курс закрыт для пользователя токена: запишите его на курс.",
    "enablewsdescription": "Веб-службы в Moodle выключены.",
    "servicenotavailable": "Служба Moodle, к которой относится токен, выключена.",
    "sitemaintenance": "Moodle на обслуживании: попробуйте позже.",
    "upgraderunning": "Moodle обновляется: попробуйте позже.",
}


class MoodleError(Exception):
    """Nothing usable came; ``message`` is one Russian sentence, ``code`` Moodle's errorcode or empty."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def address_problem(address: str, trusted: Sequence[str] = ()) -> str:
    """What is wrong with an address of Moodle, as a sentence; empty for a good one. Nothing is resolved here.

    ``trusted`` are hosts (host or host:port) that the administrator of the server allows to be private or without TLS.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "Это не адрес сайта."
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "Укажите адрес сайта целиком, например https://do.example.org."
    if parts.username or parts.password or parts.query or parts.fragment:
        return "В адресе не должно быть имени, пароля, «?» и «#»."
    if _is_trusted(parts, trusted):
        return ""
    if parts.scheme != "https":
        return "Адрес должен начинаться с https: токен и результаты не передают открыто."
    if port not in (None, 443):
        return "Порт в адресе не принимается: только обычный порт https."
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return (
            "" if "." in parts.hostname else "Адрес внутренний: портал обращается только к сайтам интернета."
        )
    return "" if is_public(literal) else "Адрес внутренний: портал обращается только к сайтам интернета."


def _is_trusted(parts: SplitResult, trusted: Sequence[str]) -> bool:
    """Whether the server's administrator named this host, with its port or for any port."""
    return bool({parts.netloc.lower(), parts.hostname} & {item.strip().lower() for item in trusted})


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address lies in the open internet; one of IPv4 wrapped into IPv6 is judged as what it wraps."""
    wrapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return (wrapped or address).is_global and not (wrapped or address).is_multicast


@dataclass
class MoodleClient:
    """One site with one token; ``deadline`` of the whole talk is counted from the first call."""

    address: str
    token: str = field(repr=False)
    trusted: tuple[str, ...] = ()
    seconds: float = ANSWER_SECONDS
    whole_seconds: float = WHOLE_SECONDS
    max_answer: int = MAX_ANSWER
    _until: float = 0

    def call(self, function: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Call a function; numbers with a point come as Decimal. Raises MoodleError and nothing else."""
        self._until = self._until or time.monotonic() + self.whole_seconds
        raw = self._post(function, dict(_flat("", parameters or {})))
        try:
            answer = json.loads(raw.decode("utf-8"), parse_float=Decimal)
        except ValueError:
            raise MoodleError(
                "По этому адресу отвечает не веб-служба Moodle: ответ не в формате JSON."
            ) from None
        if isinstance(answer, dict) and ("exception" in answer or "errorcode" in answer):
            raise _refusal(answer, function)
        return answer

    def _post(self, function: str, parameters: dict[str, str]) -> bytes:
        parts = urlsplit(self.address.rstrip("/") + ENDPOINT)
        body = urlencode(
            {"wstoken": self.token, "wsfunction": function, "moodlewsrestformat": "json", **parameters}
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        connection = self._connection(parts)
        try:
            connection.request("POST", parts.path, body, headers)
            response = connection.getresponse()
            _check_status(response)
            return b"".join(self._pieces(response))
        except TimeoutError:
            raise MoodleError("Moodle не ответил вовремя: попробуйте позже.") from None
        except ssl.SSLError:
            raise MoodleError(
                "Сертификат сайта не проверяется: соединение с Moodle не установлено."
            ) from None
        except (OSError, http.client.HTTPException):
            raise MoodleError(
                "Соединиться с Moodle не удалось: проверьте адрес и доступность сайта."
            ) from None
        finally:
            connection.close()

    def _pieces(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        size = 0
        while piece := response.read(PIECE):
            size += len(piece)
            if size > self.max_answer:
                raise MoodleError(f"Ответ Moodle больше {self.max_answer // 1024 // 1024} МБ.")
            if time.monotonic() > self._until:
                raise TimeoutError
            yield piece

    def _connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        problem = address_problem(self.address, self.trusted)
        if problem:
            raise MoodleError(problem)
        seconds = min(self.seconds, self._until - time.monotonic())
        if seconds <= 0:
            raise MoodleError("Moodle отвечает слишком долго: попробуйте позже.")
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        target = _resolve(host, port, trusted=_is_trusted(parts, self.trusted))
        if parts.scheme == "https":
            return _PinnedHTTPS(host, port, timeout=seconds, target=target)
        return _PinnedHTTP(host, port, timeout=seconds, target=target)


class _PinnedHTTP(http.client.HTTPConnection):
    """Connects to the address that was checked, whatever the name means a moment later."""

    def __init__(self, host: str, port: int, *, timeout: float, target: str) -> None:
        super().__init__(host, port, timeout=timeout)
        self.target = target

    def connect(self) -> None:
        self.sock = socket.create_connection((self.target, self.port), self.timeout)


class _PinnedHTTPS(_PinnedHTTP):
    """The same with TLS for the name in the address."""

    default_port = 443

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _resolve(host: str, port: int, *, trusted: bool) -> str:
    """The first address of a host; raises MoodleError for an unknown one, or where any of them is not public."""
    try:
        found = [item[4][0] for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise MoodleError("Такого сайта нет: имя в адресе Moodle не находится.") from None
    if not trusted and not all(
        is_public(ipaddress.ip_address(str(item).partition("%")[0])) for item in found
    ):
        raise MoodleError(
            "Имя в адресе ведёт во внутреннюю сеть: портал обращается только к сайтам интернета."
        )
    return str(found[0])


def _check_status(response: http.client.HTTPResponse) -> None:
    if 300 <= response.status < 400:
        raise MoodleError(
            "Сайт перенаправляет на другой адрес: укажите адрес Moodle, каким он стоит в браузере."
        )
    if response.status != http.client.OK:
        raise MoodleError(f"Сайт ответил кодом {response.status} вместо результатов.")


def _refusal(answer: Mapping[str, Any], function: str) -> MoodleError:
    code = str(answer.get("errorcode") or "")
    known = _REASONS.get(code) or _REASONS.get(str(answer.get("exception") or ""))
    if known:
        return MoodleError(known.format(function=function), code)
    words = " ".join(str(answer.get("message") or code or "без пояснения").split())[:SHOWN]
    return MoodleError(f"Moodle ответил ошибкой ({function}): {words}", code)


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Parameters as PHP reads them: lists and maps by brackets, flags as 0 and 1."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{name}[{key}]" if name else str(key), item)
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _flat(f"{name}[{number}]", item)
    else:
        yield name, str(int(value)) if isinstance(value, bool) else str(value)
