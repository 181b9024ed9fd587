"""The page of a backtest in a real browser: it sorts, loads nothing, complains of nothing, fits a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.streams.report.chromium import Page, needs_chromium

pytestmark = [pytest.mark.slow, pytest.mark.needs_chromium, needs_chromium]

_NARROW = 390
_CELLS = """
Array.from(document.querySelectorAll('#{section} tbody tr')).map(
  (row) => row.cells[{column}].dataset.order ?? row.cells[{column}].textContent)
"""
_PRESS = "document.querySelectorAll('#{section} thead button')[{column}].click()"
_SORT = "document.querySelectorAll('#{section} thead th')[{column}].getAttribute('aria-sort')"


@pytest.fixture(scope="module")
def shown(draft: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of a draft's backtest."""
    with Page((draft / "report.html").as_uri(), tmp_path_factory.mktemp("profile")) as page:
        yield page


def cells(page: Page, section: str, column: int) -> list[str]:
    """What a column of a section's table is sorted by, row by row."""
    found: list[str] = page.run(_CELLS.format(section=section, column=column))
    return found


@pytest.mark.parametrize("section", ["rules", "months", "plans", "providers"])
def test_a_table_sorts_by_the_heading_that_is_pressed(shown: Page, section: str) -> None:
    """Numbers from the greatest, then from the least; names from A, then from Z; the foot stays the foot."""
    foot = shown.run(f"document.querySelector('#{section} tfoot').textContent")
    for column in range(9):
        before = cells(shown, section, column)
        assert len(before) > 1
        for turn in range(2):
            shown.run(_PRESS.format(section=section, column=column))
            after = cells(shown, section, column)
            wanted = sorted(before, key=float if column else str, reverse=(turn == 0) == bool(column))
            assert [*map(float, after)] == [*map(float, wanted)] if column else after == wanted
            order = shown.run(_SORT.format(section=section, column=column))
            assert order == ("descending" if (turn == 0) == bool(column) else "ascending")
    marks = [shown.run(_SORT.format(section=section, column=column)) for column in range(9)]
    assert marks == ["none"] * 8 + ["ascending"]
    assert shown.run(f"document.querySelector('#{section} tfoot').textContent") == foot


def test_the_keyboard_reaches_every_heading(shown: Page) -> None:
    """Headings are buttons in the order of tabs, with their names."""
    names = shown.run(
        "Array.from(document.querySelectorAll('#rules thead button')).map(b => [b.tabIndex, b.innerText])"
    )
    assert [name.split("\n")[0].strip() for _, name in names][:3] == ["Rule", "Held under B", "Added"]
    assert {index for index, _ in names} == {0}


def test_it_asks_for_nothing_and_complains_of_nothing(shown: Page) -> None:
    """The one request is for the page itself; no error in the console."""
    assert [address for address in shown.requests if not address.startswith("data:")] == [
        shown.run("location.href")
    ]
    assert shown.errors == []


def test_it_may_ask_for_nothing(draft: Path, tmp_path: Path) -> None:
    """A script that came in with the data could not run, nor could a picture or an address be loaded."""
    (tmp_path / "page.html").write_text(
        (draft / "report.html")
        .read_text()
        .replace("</main>", "<img src='https://example.org/x.png'><script>window.ran = 1</script></main>")
    )
    with Page((tmp_path / "page.html").as_uri(), tmp_path / "profile") as page:
        assert page.run("window.ran") is None
        refused = "fetch('https://example.org/').then(() => 'answered', () => 'refused')"
        page.run(f"{refused}.then(word => window.word = word)")
        assert any("Content Security Policy" in error for error in page.errors)
        assert not [
            address
            for address in page.requests
            if address.startswith("https") and page.run("window.word") != "refused"
        ]


def test_it_fits_a_phone(draft: Path, tmp_path: Path) -> None:
    """Wide tables scroll in themselves; the page does not."""
    with Page((draft / "report.html").as_uri(), tmp_path, width=_NARROW, height=844) as page:
        assert page.run("document.documentElement.scrollWidth") <= _NARROW
        assert page.run("document.querySelector('#rules .scroll').scrollWidth") > _NARROW


def test_text_is_dark_enough(shown: Page) -> None:
    """Every colour of text has a contrast of 4.5 to 1 at least with what is behind it (WCAG 2, level AA)."""
    weak = shown.run(
        """
        (() => {
          const parts = (text) => text.match(/[\\d.]+/g).map(Number);
          const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
            .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
          const behind = (element) => {
            for (let each = element; each; each = each.parentElement) {
              const colour = parts(getComputedStyle(each).backgroundColor);
              if (colour.length === 3 || colour[3] === 1) return colour;
            }
            return [255, 255, 255];
          };
          const weak = [];
          for (const each of document.querySelectorAll("main *, header *, nav *")) {
            const own = Array.from(each.childNodes).some((n) => n.nodeType === 3 && n.textContent.trim());
            if (!own || each.closest("svg") || each.closest("script")) continue;
            const [one, other] = [light(parts(getComputedStyle(each).color)), light(behind(each))];
            const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
            if (contrast < 4.5) weak.push(`${each.tagName}.${each.className}: ${contrast.toFixed(2)}`);
          }
          return Array.from(new Set(weak));
        })()
        """
    )
    assert weak == []
