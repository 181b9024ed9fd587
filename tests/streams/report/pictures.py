"""`python -m tests.streams.report.pictures FOLDER`: the pictures of docs/backtest-report.md."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from streams.generate import ERROR_KINDS
from tests.streams.report.backtest_folder import backtest, generated, policy_with
from tests.streams.report.chromium import Page
from tests.streams.report.drafts import drafted, earlier, milder

WIDTH: Final = 1120
PICTURES: Final = {
    "report-short.png": ("header", "#policies", 700),
    "report-rules.png": ("#rules", "#rules", 560),
    "report-sample.png": ("#samples", "#sample-1", 900),
}
"""Name -> the first and the last element to show, and the most pixels in height."""


def draw(folder: Path) -> None:
    """Draw all pictures into a folder."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        root = Path(scratch)
        events = generated(60, seed=3, days=180, error_rates=dict.fromkeys(ERROR_KINDS, 0.12))
        candidate = policy_with(root / "candidate", drafted, milder)
        result = backtest(root / "lines", events, candidate, policy_with(root / "reference", earlier))
        with Page((result / "report.html").as_uri(), root / "profile", width=WIDTH) as page:
            for name, (first, last, most) in PICTURES.items():
                top, bottom = (
                    page.run(f"{_box(each)}.{side} + scrollY")
                    for each, side in ((first, "top"), (last, "bottom"))
                )
                height = min(bottom - top, most)
                page.picture(
                    folder / name, clip={"x": 0, "y": max(top - 8, 0), "width": WIDTH, "height": height}
                )


def _box(selector: str) -> str:
    return f"document.querySelector('{selector}').getBoundingClientRect()"


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
