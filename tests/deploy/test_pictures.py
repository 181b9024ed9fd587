"""Laws of the pictures of dashboards: how values are written, what is drawn, and that nothing is left out."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from deploy.grafana.ask import Found, Prometheus, View
from deploy.grafana.drawing.canvas import Box
from deploy.grafana.drawing.panel import draw
from deploy.grafana.drawing.states import stretches
from deploy.grafana.panels import Json
from deploy.grafana.picture import DPI, WIDTH, board_of, main
from deploy.grafana.values import written
from tests.deploy.past import last_weeks, replays_running
from tests.deploy.readiness import Answers
from tests.deploy.stack import needs_prometheus, remembering

SMALL = 200_000
"""Bytes of a picture in the repository."""


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (0.0, "none", None, "0"),
        (-0.01, "none", 1, "0.0"),
        (0.99951, "percentunit", 2, "99.95 %"),
        (0.0489, "s", 1, "48.9 ms"),
        (90.0, "s", None, "1.5 min"),
        (2048.0, "bytes", None, "2 KiB"),
        (1234.0, "short", None, "1.23 K"),
        (-2_500_000.0, "currencyUSD", 1, "-$2.5M"),
        (120.4, "suffix: /s", None, "120 /s"),
        (math.nan, "s", None, "no value"),
    ],
)
def test_values_are_written_with_their_unit(value: float, unit: str, decimals: int | None, text: str) -> None:
    """Scaled to what a reader can take in, never as minus nought, never as a number that is none."""
    assert written(value, unit, decimals) == text


def test_a_band_ends_with_its_state_or_a_hole() -> None:
    """Equal points in a row are one band; another value, or a missing point, begins a new one."""
    points = ((0.0, 1.0), (5.0, 1.0), (10.0, 0.0), (30.0, 0.0), (35.0, 0.0))
    bands = list(stretches([Found({}, points)], 5.0))
    assert bands == [(0.0, 10.0, 1.0), (10.0, 10.0, 0.0), (30.0, 35.0, 0.0)]


def test_answers_are_told_in_words() -> None:
    """One stretch for each answer in turn, numbers in it left aside, with seconds since the fault."""
    answers = Answers()
    answers.given["w"] = [
        (0.0, 200, "ready"),
        (1.0, 503, "brokers have not answered a heartbeat for 4 s"),
        (2.0, 503, "brokers have not answered a heartbeat for 5 s"),
        (3.0, 200, "ready"),
    ]
    waiting = "brokers have not answered a heartbeat for N s"
    assert [each[2:] for each in answers.stretches("w")] == [(200, "ready"), (503, waiting), (200, "ready")]
    assert answers.told("w", 0.5, 10) == f"0 s: ready; 0 s: {waiting}; 2 s: ready"


def texts(panel: Json, view: View) -> list[str]:
    """Everything that is written on a panel."""
    figure = Figure(figsize=(8, 4))
    draw(Box(figure, 0, 0, 8, 4), panel, view)
    return [text.get_text() for text in figure.texts]


class Nobody(Prometheus):
    """A Prometheus that knows nothing."""

    def get(self, *_: object, **__: object) -> dict[str, list[object]]:
        """No series."""
        return {"result": []}


def test_what_is_not_known_says_so() -> None:
    """A number of now is unknown where there is none; any other panel has no data."""
    view = View(board_of("overview"), Nobody(""), 0, 60, {"job": "a", "instance": ".*", "namespace": ".*"})
    panels = {panel["title"]: panel for panel in view.board["panels"]}
    assert texts(panels["Records waiting"], view)[1:] == ["unknown"]
    assert texts(panels["Records rejected"], view)[1:] == ["No data"]


@needs_prometheus
@pytest.mark.slow
def test_a_panel_shows_what_its_queries_found(tmp_path: Path) -> None:
    """A table has the rows and columns of its transformations, in their order; no data is said."""
    now = time.time()
    with remembering(tmp_path, last_weeks(now)) as prometheus:
        view = View.of(board_of("decisions"), prometheus, now - 3600, now)
        panels = {panel["title"]: panel for panel in view.board["panels"]}
        (title,) = [name for name in panels if name.startswith("Top movements")]
        shown = texts(panels[title], view)
        assert shown[1] == "Rule"
        assert shown[4] == "units_exceed_days"
        assert {"Last 24 h", "A week ago", "Change, points", "25.0", "-25.0"} <= set(shown)
        assert "Distance" not in shown
        assert texts(panels["Verdicts, by status"], view)[1:] == ["No data"]


@needs_prometheus
@pytest.mark.slow
def test_a_picture_is_small_and_whole(tmp_path: Path) -> None:
    """The command writes a PNG as wide as it should be, of few bytes, with more than a blank page."""
    file = tmp_path / "replays.png"
    with remembering(tmp_path, replays_running(time.time())) as prometheus:
        assert main(["replays", "--prometheus", prometheus.url, "--minutes", "10", "--out", str(file)]) == 0
    with Image.open(file) as image:
        assert image.width == WIDTH * DPI
        assert len(image.convert("RGB").getcolors(1 << 24) or []) > 100
    assert file.stat().st_size < SMALL


def test_every_picture_is_shown() -> None:
    """A page of docs/ shows each picture of docs/pictures, and each is small."""
    docs = Path(__file__).parents[2] / "docs"
    pages = "".join(page.read_text("utf-8") for page in sorted(docs.glob("*.md")))
    pictures = sorted((docs / "pictures").glob("*.png"))
    assert {path.stem for path in pictures} > {"overview", "decisions", "internals", "replays"}
    for path in pictures:
        assert f"](pictures/{path.name})" in pages
        assert path.stat().st_size < SMALL
