"""The rules of deploy/prometheus in a hurry: the same, but with shorter times, so that a test can wait.

Every window `[5m]`, every `offset`, every `for` and every interval is divided; numbers that are compared with
(a share, a count, seconds of a recovery) stay. Whoever scrapes must scrape more often too.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import yaml

from models.duration import parse_duration

RULES: Final = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules"
_DAYS: Final = {"d": 24, "w": 7 * 24}
_WINDOW: Final = re.compile(r"\[(\d+[smhdw])\]")
_OFFSET: Final = re.compile(r"\boffset (\d+[smhdw])\b")


def seconds_of(duration: str) -> float:
    """Seconds of a duration with one unit, as Prometheus writes it."""
    number, unit = duration[:-1], duration[-1]
    hours = _DAYS.get(unit)
    return parse_duration(duration if hours is None else f"{int(number) * hours}h") / 1e6


def _shorter(duration: str, factor: float) -> str:
    return f"{seconds_of(duration) / factor * 1000:.0f}ms"


def hurried_expr(expr: str, factor: float) -> str:
    """A query whose windows and offsets are shorter by a factor."""
    expr = _WINDOW.sub(lambda found: f"[{_shorter(found[1], factor)}]", expr)
    return _OFFSET.sub(lambda found: f"offset {_shorter(found[1], factor)}", expr)


def _hurried_rule(rule: dict[str, Any], factor: float) -> dict[str, Any]:
    made = rule | {"expr": hurried_expr(rule["expr"], factor)}
    return made | ({"for": _shorter(rule["for"], factor)} if "for" in rule else {})


def hurried(folder: Path, factor: float) -> list[str]:
    """Write the rule files in a hurry; their names as Prometheus' configuration takes them."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in sorted(RULES.glob("*.yml")):
        groups = [
            group
            | {
                "interval": _shorter(group["interval"], factor),
                "rules": [_hurried_rule(rule, factor) for rule in group["rules"]],
            }
            for group in yaml.safe_load(file.read_text("utf-8"))["groups"]
        ]
        made = folder / file.name
        made.write_text(json.dumps({"groups": groups}))  # JSON is YAML
        written.append(str(made))
    return written
