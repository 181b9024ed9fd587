"""Any panel: which function draws it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from deploy.grafana.ask import View
from deploy.grafana.drawing.canvas import Box, Mark
from deploy.grafana.drawing.numbers import draw_bars, draw_stat
from deploy.grafana.drawing.series import draw_series
from deploy.grafana.drawing.states import draw_states
from deploy.grafana.drawing.tables import draw_table
from deploy.grafana.panels import Json

_KINDS: Final[Mapping[str, Callable[[Box, Json, View, Sequence[Mark]], None]]] = {
    "timeseries": draw_series,
    "stat": draw_stat,
    "bargauge": draw_bars,
    "state-timeline": draw_states,
    "table": draw_table,
}


def draw(box: Box, panel: Json, view: View, marks: Sequence[Mark] = ()) -> None:
    """Draw a panel, or the title of a row."""
    if panel["type"] == "row":
        box.write(0.12, box.height / 2, panel["title"], fontsize=11, fontweight="bold")
        return
    box.frame(panel["title"])
    _KINDS[panel["type"]](box, panel, view, marks)
