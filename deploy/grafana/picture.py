"""A dashboard as one picture, drawn from a Prometheus without Grafana.

    python -m deploy.grafana.picture overview --prometheus http://127.0.0.1:9090 --out overview.png

The same queries, places, titles, units, colours and judgements as in Grafana. It needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import cast

import matplotlib as mpl
from matplotlib.figure import Figure
from PIL import Image

from deploy.grafana.__main__ import FOLDER
from deploy.grafana.ask import Prometheus, View
from deploy.grafana.board import COLUMNS
from deploy.grafana.drawing.canvas import Box, Mark
from deploy.grafana.drawing.panel import draw
from deploy.grafana.panels import Json

WIDTH = 15.0
"""Inches of a picture."""
DPI = 100
UNIT = 0.38
"""Inches of a unit of height."""
HEAD = 0.55
"""Inches of the line at the top."""
BACKGROUND = "#f4f5f5"


def board_of(name: str) -> Json:
    """A dashboard by the name of its file."""
    read: Json = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return read


def picture(
    view: View,
    file: Path,
    note: str = "",
    marks: Sequence[Mark] = (),
    below: tuple[float, Callable[[Box], None]] | None = None,
) -> None:
    """Draw a dashboard as PNG.

    Args:
        view: the dashboard, its data and the time.
        file: to write.
        note: what is to be said at the top.
        marks: lines across all times.
        below: what is drawn below the panels, and how many inches high it is.
    """
    places = [panel["gridPos"] for panel in view.board["panels"]]
    height = HEAD + UNIT * max(place["y"] + place["h"] for place in places) + 0.1 + (below[0] if below else 0)
    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 8}):
        figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=BACKGROUND)
        _head(figure, view, note, height)
        for panel in view.board["panels"]:
            place = panel["gridPos"]
            box = Box(
                figure,
                left=place["x"] / COLUMNS * WIDTH,
                top=HEAD + UNIT * place["y"],
                width=place["w"] / COLUMNS * WIDTH,
                height=UNIT * place["h"],
            )
            draw(box, panel, view, marks)
        if below:
            below[1](Box(figure, 0, height - below[0] - 0.05, WIDTH, below[0]))
        _save(figure, file)


def _save(figure: Figure, file: Path) -> None:
    """As PNG of the 256 commonest colours: half the size, and areas and lines keep their very own."""
    drawn = BytesIO()
    figure.savefig(drawn, format="png")
    with Image.open(drawn) as image, Image.new("P", (1, 1)) as palette:
        plain = image.convert("RGB")
        counted = plain.getcolors(plain.width * plain.height) or []
        common = [cast("tuple[int, ...]", color) for _, color in sorted(counted, reverse=True)[:256]]
        palette.putpalette([part for color in common for part in color])
        plain.quantize(palette=palette, dither=Image.Dither.NONE).save(file, format="png", optimize=True)


def _head(figure: Figure, view: View, note: str, height: float) -> None:
    start, end = (datetime.fromtimestamp(each, UTC) for each in (view.start, view.end))
    titles = {each["name"]: each["label"] for each in view.board["templating"]["list"]}
    values = {name: "All" if value == ".*" else value for name, value in view.variables.items()}
    chosen = ", ".join(f"{titles[name]}: {value}" for name, value in values.items())
    line = 1 - HEAD / 2 / height
    figure.text(
        0.012, line, view.board["title"], fontsize=14, fontweight="bold", va="center", color="#24292e"
    )
    figure.text(0.25, line, note, fontsize=10, va="center", color="#24292e")
    figure.text(
        0.988,
        line,
        f"{chosen}    {start:%H:%M:%S} to {end:%H:%M:%S} UTC",
        va="center",
        ha="right",
        color="#464c54",
    )


def main(arguments: Sequence[str]) -> int:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m deploy.grafana.picture", description=__doc__)
    parser.add_argument("dashboard", choices=sorted(path.stem for path in FOLDER.glob("*.json")))
    parser.add_argument("--prometheus", required=True, metavar="URL")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    given = parser.parse_args(arguments)
    now = time.time()
    start = now - given.minutes * 60
    picture(View.of(board_of(given.dashboard), Prometheus(given.prometheus), start, now), given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
