"""Walks the running living example as each role and photographs what it finds; reports what is wrong with a page."""

import argparse
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reserve_portal.settings")

import django  # noqa: E402

django.setup()

from django.urls import Resolver404, resolve  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402
from playwright.sync_api import ConsoleMessage, Error, Page, sync_playwright  # noqa: E402

from reserve_portal.accounts.models import User  # noqa: E402
from reserve_portal.papers.models import IssuedPaper  # noqa: E402
from reserve_portal.simulation.cast import DOMAIN, PASSWORD  # noqa: E402
from reserve_portal.simulation.tests.portal import CHROMIUM, FLAGS  # noqa: E402

WIDTHS = (1280, 360)
ROLES = ("", "candidate", "applicant", "reservist", "nominee", "mentor1", "expert1", "member1", "secretary",
         "department", "municipal", "operator", "admin", "auditor")  # fmt: skip
MOST_PAGES, PAGES_OF_A_VIEW, FORMS_OF_A_PAGE = 70, 2, 4
ASKED = "input:not([type=hidden], [type=submit], [type=search]), select, textarea"
FORMS = f":is(main, #content) form[method=post]:has({ASKED}):not(:has(.btn-danger))"
ERRORS = ".error-summary, .errorlist, .invalid-feedback, .errornote"
SEND_EMPTIED = """(form) => {
  for (const one of form.elements) {
    if (one.type === "checkbox" || one.type === "radio") one.checked = false;
    else if (one.type !== "hidden" && one.tagName !== "BUTTON") one.value = "";
  }
  HTMLFormElement.prototype.submit.call(form);
}"""
# Leaving the account, or files: nothing to photograph.
SKIP = re.compile(
    r"/(logout|static|jsi18n|download|autocomplete|table|export|print)(/|$)|\.(pdf|xlsx|ics|zip|csv|jpg)$|/password/change|/papers/\d+"
)


def main() -> int:
    options = read_options()
    require_answer(options.url)
    options.out.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    known = set(User.objects.values_list("email", flat=True))  # no database beside a running browser
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for role in ROLES if options.only is None else (options.only,):
            if role and f"{role}@{DOMAIN}" not in known:
                continue
            context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ru-RU")
            page = context.new_page()
            page.on("console", lambda message, page=page: tell_console(message, page, problems))
            if role:
                sign_in(page, options.url, role)
            tour = Tour(page, options, role or "public", problems)
            tour.walk()
            context.close()
            for width in WIDTHS:
                same = [item for item in tour.shots if item[1] == width]
                contact_sheet(options.out / f"sheet-{tour.role}-{width}.png", same)
        browser.close()
    if options.only is None and not options.no_pictures:
        papers(options.out)
    report = sorted(set(problems))
    (options.out / "problems.txt").write_text("\n".join(report) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(report)} problems, see {options.out / 'problems.txt'}\n")
    return 0


def read_options() -> argparse.Namespace:
    """What is asked for on the command line; see bin/shots."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "shots")
    parser.add_argument("--only", default=None)
    parser.add_argument("--axe", action="store_true")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--views", default="")
    parser.add_argument("--no-pictures", action="store_true")
    return parser.parse_args()


def tell_console(message: ConsoleMessage, page: Page, problems: list[str]) -> None:
    """An error in the browser's console, with the page on which it came."""
    if message.type == "error":
        problems.append(f"console {urlsplit(page.url).path}: {message.text}")


def require_answer(url: str) -> None:
    """End with one sentence when no portal answers."""
    try:
        urlopen(url, timeout=10).close()
    except OSError as error:
        sys.exit(f"Error: the portal does not answer at {url} ({error}): start bin/run first.")


def sign_in(page: Page, base: str, role: str) -> None:
    """Sign in with the example's password."""
    page.goto(f"{base}/accounts/login/")
    page.fill("input[name=login]", f"{role}@{DOMAIN}")
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)


@dataclass
class Tour:
    """One role's way through the portal: what was photographed, what is wrong."""

    page: Page
    options: argparse.Namespace
    role: str
    problems: list[str]
    shots: list[tuple[Path, int]] = field(default_factory=list)

    def walk(self) -> None:
        """Follow every link of the portal, two pages of each view at most; then send the forms emptied, if asked to."""
        start = "/admin/" if self.role in ("operator", "admin", "auditor") else "/home/"
        queue = ["/"] if self.role == "public" else [start, "/home/"]
        seen: set[str] = set()
        count: Counter[str] = Counter()
        with_forms: dict[str, str] = {}
        while queue and count.total() < MOST_PAGES:
            path = queue.pop(0)
            name = view_name(path)
            if path in seen or count[name] >= PAGES_OF_A_VIEW or not self.is_wanted(name, path):
                continue
            seen.add(path)
            count[name] += 1
            status = visit(self.page, self.options.url + path)
            if status is None:
                continue
            if status >= 400:
                self.problems.append(f"{self.role} {path}: {status}")
            if self.page.locator(FORMS).count():
                with_forms.setdefault(name, path)
            queue += self.links()
            self.look(path, f"{name}-{count[name]}")
        for name, path in with_forms.items() if self.options.errors else ():
            self.send_emptied(path, name)
        sys.stdout.write(f"{self.role}: {len(seen)} pages\n")

    def is_wanted(self, name: str, path: str) -> bool:
        """A view of the portal, of the pattern that was asked for; the pages from which all links lead always are."""
        return bool(name) and (
            path in ("/", "/home/", "/admin/") or re.search(self.options.views, name) is not None
        )

    def links(self) -> list[str]:
        """Where the page leads within the portal, but for files and the way out."""
        found = self.page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
        paths = [urlsplit(link).path for link in found if link.startswith(self.options.url)]
        return [path for path in paths if not SKIP.search(path)]

    def look(self, where: str, name: str) -> None:
        """Photograph the page at every width and note what is wrong with it."""
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.problems += too_wide(self.page, f"{self.role} {where}", width)
            if not self.options.no_pictures:
                self.shots.append((photograph(self.page, self.options.out / self.role, name, width), width))
        if self.options.axe:
            self.problems += violations(self.page, f"{self.role} {where}")
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def send_emptied(self, path: str, name: str) -> None:
        """Send every form in which something is asked with nothing in it, and look at the page with its errors."""
        forms = self.page.locator(FORMS)
        visit(self.page, self.options.url + path)
        for number in range(min(forms.count(), FORMS_OF_A_PAGE)):
            if number:
                visit(self.page, self.options.url + path)
            if number >= forms.count():  # a deed was done without an error
                return
            with self.page.expect_navigation():
                forms.nth(number).evaluate(SEND_EMPTIED)
            if self.page.locator(ERRORS).count():
                self.look(f"{path} (form {number + 1} empty)", f"{name}-errors-{number + 1}")


def too_wide(page: Page, where: str, width: int) -> list[str]:
    """What must be scrolled sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{where}: {wide} px too wide at {width}"] if wide > 1 else []


def visit(page: Page, address: str) -> int | None:
    """Go there; returns the answer's status, nothing for a file, which cannot be photographed."""
    try:
        response = page.goto(address)
    except Error as error:
        if "Download is starting" in error.message:
            return None
        raise
    return response.status if response else 0


def view_name(path: str) -> str:
    """The name of the view behind an address, or nothing."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return (match.view_name or match.func.__name__).replace(":", "-")


def photograph(page: Page, folder: Path, name: str, width: int) -> Path:
    """Store a picture of the whole page, at most 4,000 px high."""
    path = folder / f"{name}-{width}.png"
    path.parent.mkdir(exist_ok=True)
    height = min(page.evaluate("document.documentElement.scrollHeight"), 4000)
    page.screenshot(
        caret="initial",  # hiding it needs a style that the pages' policy refuses
        path=path,
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": max(height, 300)},
    )
    return path


def violations(page: Page, where: str) -> list[str]:
    """What axe says of the page with all that folds opened, WCAG 2.1 A and AA."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    rules = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
        # The style sheets, which no rule of these asks for, axe would load and write into the page against its policy.
        "preload": {"assets": ["media"]},
    }
    found = Axe().run(page, options=rules).response["violations"]
    return [f"axe {where}: {item['id']} — {item['nodes'][0]['html'][:160]}" for item in found]


def contact_sheet(path: Path, shots: list[tuple[Path, int]]) -> None:
    """Small pictures side by side, six in a row, each named."""
    if not shots:
        return
    cell = (330, 420)
    rows = -(-len(shots) // 6)
    sheet = Image.new("RGB", (6 * cell[0], rows * cell[1]), "#777777")
    draw = ImageDraw.Draw(sheet)
    for number, (file, _width) in enumerate(shots):
        image = Image.open(file).convert("RGB")
        image.thumbnail((cell[0] - 10, cell[1] - 26))
        x, y = (number % 6) * cell[0] + 5, (number // 6) * cell[1] + 20
        draw.text((x, y - 16), file.stem[:52], fill="white")
        sheet.paste(image, (x, y))
    sheet.save(path)


def papers(out: Path) -> None:
    """Every page of the first paper of each kind."""
    folder = out / "papers"
    folder.mkdir(exist_ok=True)
    for kind in sorted(set(IssuedPaper.objects.values_list("kind", flat=True))):
        paper = IssuedPaper.objects.filter(kind=kind).first()
        if paper:
            subprocess.run(
                ["/usr/bin/pdftoppm", "-r", "70", "-png", paper.file.path, str(folder / kind)], check=True
            )
    contact_sheet(out / "sheet-papers.png", [(file, 0) for file in sorted(folder.glob("*.png"))])


if __name__ == "__main__":
    sys.exit(main())
