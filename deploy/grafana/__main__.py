"""`python -m deploy.grafana` writes the dashboards; `--check` compares and names what is out of step."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.grafana.decisions import decisions
from deploy.grafana.internals import internals
from deploy.grafana.overview import overview
from deploy.grafana.replays import replays

FOLDER: Final = Path(__file__).parent / "dashboards"


def dashboards() -> dict[str, str]:
    """The text of each file, by its name."""
    made = {
        "overview": overview(),
        "decisions": decisions(),
        "internals": internals(),
        "replays": replays(),
    }
    return {f"{name}.json": json.dumps(board, indent=1) + "\n" for name, board in made.items()}


def main(arguments: Sequence[str] = (), folder: Path = FOLDER) -> int:
    """Write or check the dashboards; 1 where one is out of step."""
    wrong = 0
    made = dashboards()
    there = {path.name for path in folder.glob("*.json")}
    for name in sorted(made.keys() | there):
        path = folder / name
        if name in made and name in there and path.read_text("utf-8") == made[name]:
            continue
        if "--check" in arguments:
            sys.stderr.write(f"out of step: {path.name} of Grafana; run make dashboards\n")
            wrong = 1
        elif name in made:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(made[name], "utf-8")
        else:
            path.unlink()
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
