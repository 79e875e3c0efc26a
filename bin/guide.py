"""Takes the pictures of the operator's guide from the running living example and prints the guide as HTML and PDF."""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from shots import CHROMIUM, FLAGS, ROOT, sign_in  # sets Django up

from django.conf import settings  # isort: skip
from django.urls import reverse
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from playwright.sync_api import Browser, Page, sync_playwright

from reserve_portal.papers.render import html_to_pdf
from reserve_portal.simulation.guide import RECIPES, Guide, Recipe, disagreements, read_guide

STYLE = "guide.css"
PAPER_STYLES = ("static:/css/fonts-pdf.css", "static:/css/paper.css")
MARGIN = 7  # pixels around what a picture shows
# All texts that are seen now and that a label may be.
SEEN_TEXTS = """() => {
  const texts = [];
  for (const one of document.querySelectorAll(
    'a, button, label, legend, summary, h1, h2, h3, th, dt, caption, option, .desk-label'
  )) {
    const shown = one.tagName === 'OPTION' ? one.closest('select') : one;
    if (shown.checkVisibility({visibilityProperty: true})) {
      texts.push((one.innerText || one.textContent).replace(/\\s+/g, ' ').trim());
    }
  }
  return texts;
}"""
# The box around everything that fits the selectors and is seen.
BOX = """selectors => {
  const boxes = selectors.flatMap(one => [...document.querySelectorAll(one)])
    .map(one => one.getBoundingClientRect()).filter(box => box.width && box.height);
  if (!boxes.length) return null;
  const left = Math.min(...boxes.map(box => box.left)), top = Math.min(...boxes.map(box => box.top));
  return {
    x: left + scrollX, y: top + scrollY,
    width: Math.max(...boxes.map(box => box.right)) - left, height: Math.max(...boxes.map(box => box.bottom)) - top,
  };
}"""

# Debian's Chromium speaks English alone: its pickers are shown as a Russian browser shows them.
RUSSIAN_PICKERS = """() => {
  const empty = {'date': 'дд.мм.гггг', 'time': '--:--', 'datetime-local': 'дд.мм.гггг --:--'};
  for (const one of document.querySelectorAll(Object.keys(empty).map(kind => `input[type=${kind}]`).join())) {
    const [day, time] = one.type === 'time' ? ['', one.value] : one.value.split('T');
    const words = [day.split('-').reverse().join('.'), time].filter(Boolean).join(' ');
    const placeholder = empty[one.type];
    one.type = 'text';
    one.value = words;
    one.placeholder = placeholder;
  }
}"""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "guide")
    options = parser.parse_args()
    guide = read_guide()
    problems = list(disagreements(guide))
    pictures = options.out / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    region = os.environ["REGION"]
    mine = [recipe for recipe in RECIPES if recipe.region == region]
    for recipe in mine:
        (pictures / f"{recipe.name}.png").unlink(missing_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for role in dict.fromkeys(recipe.role for recipe in mine):
            problems += walk(browser, options.url, role, mine, pictures)
        browser.close()
    if problems:
        sys.stderr.write("".join(f"Error: {problem}\n" for problem in problems))
        return 1
    missing = sorted(name for name in guide.pictures if not (pictures / f"{name}.png").exists())
    if missing:
        sys.stdout.write(
            f"Pictures of {region} taken. Run it on the other region too; missing: {', '.join(missing)}\n"
        )
        return 0
    publish(guide, options.out)
    sys.stdout.write(f"The guide: {options.out / 'operator.pdf'} and {options.out / 'operator.html'}\n")
    return 0


# --- Pictures --------------------------------------------------------------------------------------------------------


def walk(browser: Browser, base: str, role: str, recipes: list[Recipe], folder: Path) -> Iterator[str]:
    """Visit the pages of one role; yields what is wrong with them."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ru-RU")
    page = context.new_page()
    sign_in(page, base, role)
    for recipe in recipes:
        if recipe.role == role:
            found = list(visit(page, base, recipe))
            yield from (
                f"{recipe.name}: {sentence}" for sentence in found or photograph(page, recipe, folder)
            )
    context.close()


def visit(page: Page, base: str, recipe: Recipe) -> Iterator[str]:
    """Go to the page of a recipe and look for its labels; yields what is wrong, nothing when all is there."""
    address = base + reverse(recipe.start)
    for selector in ("", *recipe.follow):
        if selector:
            step = page.locator(selector).first
            if not step.count():
                yield f"there is no {selector} on {page.url}"
                return
            address = next_address(page, selector)
        response = page.goto(address)
        if response is None or response.status != 200:
            yield f"{address} answers {response.status if response else 'nothing'}"
            return
    texts = page.evaluate(SEEN_TEXTS)
    for label in recipe.labels:
        if not any(is_label(label, text) for text in texts):
            yield f"there is no «{label}» on {page.url}"


def next_address(page: Page, selector: str) -> str:
    """Where a link leads, or a select's form with its first choice."""
    step = page.locator(selector).first
    if step.evaluate("one => one.tagName") == "SELECT":
        return step.evaluate(
            "one => `${location.href.split('?')[0]}?${one.name}=${[...one.options].find(item => item.value).value}`"
        )
    return step.evaluate("one => one.href")


def is_label(label: str, text: str) -> bool:
    """Does a text of the page read as the label, perhaps with a count or a word for screen readers behind it?"""
    return text == label or (text.startswith(label) and not text[len(label)].isalnum())


def photograph(page: Page, recipe: Recipe, folder: Path) -> Iterator[str]:
    """Cut the recipe's picture out of the page."""
    if not recipe.cut:
        return
    page.evaluate(RUSSIAN_PICKERS)
    box = page.evaluate(BOX, list(recipe.cut))
    if box is None:
        yield f"there is nothing to show on {page.url}"
        return
    left, top = max(box["x"] - MARGIN, 0), max(box["y"] - MARGIN, 0)
    right, bottom = box["x"] + box["width"] + MARGIN, box["y"] + box["height"] + MARGIN
    clip = {"x": left, "y": top, "width": min(right, 1280) - left, "height": bottom - top}
    page.screenshot(path=folder / f"{recipe.name}.png", full_page=True, clip=clip)


# --- The printed guide -----------------------------------------------------------------------------------------------


def publish(guide: Guide, out: Path) -> None:
    """Write HTML and PDF beside the pictures."""
    shutil.copy(Path(__file__).parent / STYLE, out / STYLE)
    (out / "operator.html").write_text(whole_page(guide.text, (STYLE,), ""), encoding="utf-8")
    # The pictures become files that papers may show: their renderer knows no others.
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, out]
    page = whole_page(guide.text, (*PAPER_STYLES, f"static:/{STYLE}"), "static:/")
    (out / "operator.pdf").write_bytes(html_to_pdf(page))


def whole_page(text: str, styles: tuple[str, ...], base: str) -> str:
    """Turn the guide's Markdown into one HTML document whose pictures' addresses begin with `base`."""
    reader = MarkdownIt("commonmark").enable("table")
    reader.add_render_rule("image", figure)
    reader.add_render_rule("heading_open", heading)
    tokens = reader.parse(text)
    title, entries = "", []
    for number, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        words = tokens[number + 1].content
        if token.tag == "h1":
            title = words
        else:
            token.attrSet("id", f"t{number}")
            entries.append((token.tag, f"t{number}", words))
    body = reader.renderer.render(tokens[3:], reader.options, {"base": base})
    contents = "".join(f'<li class="{tag}"><a href="#{key}">{words}</a></li>' for tag, key, words in entries)
    links = "".join(f'<link rel="stylesheet" href="{address}">' for address in styles)
    return (
        f'<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{links}</head><body><h1>{title}</h1>'
        f'<nav class="contents"><h2>Содержание</h2><ul>{contents}</ul></nav><main>{body}</section></main></body></html>'
    )


def heading(
    self: RendererHTML, tokens: list[Token], number: int, options: object, env: dict[str, str]
) -> str:
    """A task is a section of its own, which paper keeps together with its picture."""
    before = env.pop("close", "")
    if tokens[number].tag == "h3":
        before, env["close"] = f"{before}<section>", "</section>"
    return before + self.renderToken(tokens, number, options, env)


def figure(self: object, tokens: list[Token], number: int, options: object, env: dict[str, str]) -> str:
    """A picture with its words below."""
    words, address = tokens[number].content, f"{env['base']}{tokens[number].attrs['src']}"
    return f'<img src="{address}" alt="{words}"><span class="words">{words}</span>'


if __name__ == "__main__":
    sys.exit(main())
