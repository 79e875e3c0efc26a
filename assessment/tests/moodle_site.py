"""A small Moodle for tests: its web service over HTTP, in the shapes and with the errors of the real one."""

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

TOKEN = "4f1d0c8e5b6a79132e4d5c6b7a8f9012"
NO_SUCH_FUNCTION = {
    "exception": "dml_missing_record_exception",
    "errorcode": "invalidrecord",
    "message": "Can't find data record in database table external_functions.",
}
NO_ACCESS = {
    "exception": "webservice_access_exception",
    "errorcode": "accessexception",
    "message": "Access control exception",
}
BAD_TOKEN = {
    "exception": "core\\exception\\moodle_exception",
    "errorcode": "invalidtoken",
    "message": "Invalid token - token not found",
}


class MoodleSite:
    """Answers of functions by name: JSON, or a callable of the parameters that makes it; used as a context."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.paths: list[str] = []
        self.raw: tuple[int, dict[str, str], bytes] | None = (
            None  # status, headers, body instead of a real answer
        )
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                site.paths.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, headers, answer = site.raw or site.answer(body)
                self.send_response(status)
                for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(BrokenPipeError, ConnectionResetError):  # who had enough went away
                    self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def answer(self, body: str) -> tuple[int, dict[str, str], bytes]:
        parameters = {key: values[0] for key, values in parse_qs(body).items()}
        function = parameters.pop("wsfunction", "")
        token, wanted = parameters.pop("wstoken", ""), parameters.pop("moodlewsrestformat", "")
        self.calls.append((function, parameters))
        assert wanted == "json"
        found = BAD_TOKEN if token != TOKEN else self.answers.get(function, NO_SUCH_FUNCTION)
        if callable(found):
            found = found(parameters)
        return 200, {}, json.dumps(found, ensure_ascii=False).encode()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    @property
    def address(self) -> str:
        return f"http://{self.host}/moodle"

    def __enter__(self) -> "MoodleSite":
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *args: Any) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def user(pk: int, first: str, last: str, email: str = "", number: str = "") -> dict[str, Any]:
    """One participant as core_enrol_get_enrolled_users gives it; optional fields depend on rights."""
    row = {
        "id": pk,
        "fullname": f"{first} {last}",
        "firstname": first,
        "lastname": last,
        "department": "",
        "firstaccess": 1765700000,
        "lastaccess": 1765701000,
        "groups": [],
        "roles": [{"roleid": 5, "name": "", "shortname": "student", "sortorder": 0}],
    }
    return row | ({"email": email} if email else {}) | ({"idnumber": number} if number else {})


def grade_item(pk: int, name: str | None, kind: str, raw: float | None, top: float) -> dict[str, Any]:
    """One grade item as gradereport_user_get_grade_items gives it."""
    return {
        "id": pk,
        "itemname": name,
        "itemtype": kind,
        "itemmodule": "quiz" if kind == "mod" else None,
        "iteminstance": pk,
        "itemnumber": 0 if kind == "mod" else None,
        "idnumber": "",
        "categoryid": 1 if kind == "mod" else None,
        "outcomeid": None,
        "scaleid": None,
        "locked": False,
        "graderaw": raw,
        "gradedatesubmitted": None,
        "gradedategraded": 1765702000,
        "gradeformatted": "-" if raw is None else f"{raw:.2f}".replace(".", ","),
        "grademin": 0,
        "grademax": top,
        "rangeformatted": f"0&ndash;{top:.0f}",
        "feedback": "",
        "feedbackformat": 1,
    }


def usergrades(course: int, *people: tuple[dict[str, Any], list[dict[str, Any]]]) -> dict[str, Any]:
    """The whole answer of gradereport_user_get_grade_items for (participant, grade items)."""
    rows = [
        {
            "courseid": course,
            "courseidnumber": "",
            "userid": person["id"],
            "userfullname": person["fullname"],
            "useridnumber": person.get("idnumber", ""),
            "maxdepth": 2,
            "gradeitems": items,
        }
        for person, items in people
    ]
    return {"usergrades": rows, "warnings": []}


def quiz_attempt(
    pk: int, person: int, number: int, state: str, raw: float | None, start: int
) -> dict[str, Any]:
    """One attempt as mod_quiz_get_user_quiz_attempts gives it."""
    return {
        "id": pk,
        "quiz": 31,
        "userid": person,
        "attempt": number,
        "uniqueid": pk + 1000,
        "layout": "1,2,3,0",
        "currentpage": 0,
        "preview": 0,
        "state": state,
        "timestart": start,
        "timefinish": start + 2700 if state in ("finished", "submitted") else 0,
        "timemodified": start + 2700,
        "timemodifiedoffline": 0,
        "timecheckstate": None,
        "sumgrades": raw,
        "gradednotificationsenttime": None,
    }
