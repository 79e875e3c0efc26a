"""Walks the running living example as each role and photographs what it finds; reports what is wrong with a page."""

import argparse
import os
import re
import subprocess
import sys
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
from playwright.sync_api import Error, Page, sync_playwright  # noqa: E402

from reserve_portal.accounts.models import User  # noqa: E402
from reserve_portal.papers.models import IssuedPaper  # noqa: E402
from reserve_portal.simulation.cast import DOMAIN, PASSWORD  # noqa: E402
from reserve_portal.simulation.tests.portal import CHROMIUM, FLAGS  # noqa: E402

WIDTHS = (1280, 360)
ROLES = ("", "candidate", "applicant", "reservist", "nominee", "mentor1", "expert1", "member1", "secretary",
         "department", "municipal", "operator", "admin", "auditor")  # fmt: skip
MOST_PAGES = 70
# Leaving the account, or files: nothing to photograph.
SKIP = re.compile(
    r"/(logout|static|jsi18n|download|autocomplete|table|export|print)(/|$)|\.(pdf|xlsx|ics|zip|csv|jpg)$|/password/change|/papers/\d+"
)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "shots")
    parser.add_argument("--only", default=None)
    parser.add_argument("--axe", action="store_true")
    options = parser.parse_args()
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
            page.on(
                "console",
                lambda message: message.type == "error" and problems.append(f"console: {message.text}"),
            )
            if role:
                sign_in(page, options.url, role)
            shots = walk(page, options, role or "public", problems)
            context.close()
            for width in WIDTHS:
                same = [item for item in shots if item[1] == width]
                contact_sheet(options.out / f"sheet-{role or 'public'}-{width}.png", same)
        browser.close()
    if options.only is None:
        papers(options.out)
    report = sorted(set(problems))
    (options.out / "problems.txt").write_text("\n".join(report) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(report)} problems, see {options.out / 'problems.txt'}\n")
    return 0


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


def walk(page: Page, options: argparse.Namespace, role: str, problems: list[str]) -> list[tuple[Path, int]]:
    """Follow every link of the portal, two pages of each view at most; photograph each at every width."""
    start = "/admin/" if role in ("operator", "admin", "auditor") else "/home/"
    queue = ["/"] if role == "public" else [start, "/home/"]
    seen: set[str] = set()
    count: dict[str, int] = {}
    shots: list[tuple[Path, int]] = []
    while queue and len(shots) < MOST_PAGES * len(WIDTHS):
        path = queue.pop(0)
        name = view_name(path)
        if path in seen or not name or count.get(name, 0) >= 2:
            continue
        seen.add(path)
        count[name] = count.get(name, 0) + 1
        status = visit(page, options.url + path)
        if status is None:
            continue
        if status >= 400:
            problems.append(f"{role} {path}: {status}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            shots.append((photograph(page, options.out, role, name, count[name], width), width))
            problems.extend(too_wide(page, f"{role} {path}", width))
        if options.axe:
            problems.extend(violations(page, role, path))
        page.set_viewport_size({"width": 1280, "height": 900})
        for link in page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)"):
            parts = urlsplit(link)
            target = parts.path
            if link.startswith(options.url) and not SKIP.search(target) and target not in seen:
                queue.append(target)
    sys.stdout.write(f"{role}: {len(seen)} pages\n")
    return shots


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


def photograph(page: Page, out: Path, role: str, name: str, number: int, width: int) -> Path:
    """Store a picture of the whole page, at most 4,000 px high."""
    path = out / role / f"{name}-{number}-{width}.png"
    path.parent.mkdir(exist_ok=True)
    height = min(page.evaluate("document.documentElement.scrollHeight"), 4000)
    page.screenshot(
        caret="initial",  # hiding it needs a style that the pages' policy refuses
        path=path,
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": max(height, 300)},
    )
    return path


def violations(page: Page, role: str, path: str) -> list[str]:
    """What axe says of the page, WCAG 2.1 A and AA."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    found = Axe().run(page, options=rules).response["violations"]
    return [f"axe {role} {path}: {item['id']} — {item['nodes'][0]['html'][:160]}" for item in found]


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
