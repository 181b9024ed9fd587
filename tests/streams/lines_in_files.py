"""What the tests of files share: small inputs, a run in a folder, what its results say."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from streams.generate import GenerateSettings, generate_records
from streams.results import NAMES, REJECTS
from streams.screen import screen
from streams.summary import Summary
from tests.support import Event, built_in_policy, claim_line

in_folder = settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
"""For properties that write files: the disk may be slow, and a folder may serve many examples."""

NOW = 1_800_000_000_000_000
"""2027-01-15, after every line of the tests (microseconds since 1970)."""


def encoded(*events: Event) -> bytes:
    """Events as JSON Lines."""
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def kit_in_per_diem(claim: str = "C-1", **fields: object) -> bytes:
    """A claim of three lines of which one is inside the per diem: one deny of 100.00 of 300.00."""
    week = ("2024-04-01", "2024-04-07")
    codes = enumerate(("S9500", "A4223", "J0696"), start=1)
    common: dict[str, Any] = {"line_count": 3, "units": "7"} | fields
    return encoded(*(claim_line(claim, number, code, *week, **common) for number, code in codes))


@lru_cache
def small_plan() -> tuple[bytes, ...]:
    """The lines of a generated plan with corrections, voids, late lines, other lines and rubbish."""
    return tuple(generate_records(GenerateSettings(members=25, seed=5, other_share=0.2), 0.03))


def write(path: Path, lines: Iterable[bytes]) -> str:
    """Write lines, gzip where the name asks for it; the name."""
    content = b"".join(line + b"\n" for line in lines)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return str(path)


def run(folder: Path, *inputs: object, **options: Any) -> Summary:  # noqa: ANN401 - those of screen
    """Screen inputs with the built-in policy."""
    return screen(built_in_policy(), [str(name) for name in inputs], folder, **{"now": NOW} | options)


def read(path: Path) -> list[Any]:
    """The objects of a results file."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of the three files of results."""
    return {name: (folder / name).read_bytes() for name in NAMES}


def original(reject: dict[str, Any]) -> bytes:
    """The bytes that a reject line carries."""
    if "raw" in reject:
        return str(reject["raw"]).encode()
    return base64.b64decode(reject["raw_base64"], validate=True)


def rejects(folder: Path) -> list[dict[str, Any]]:
    """The reject lines."""
    return read(folder / REJECTS)


def codes(reject: dict[str, Any]) -> list[str]:
    """The reason codes of a reject line."""
    return [reason["code"] for reason in reject["reasons"]]


def last_revisions(events: Sequence[Event], *key: str) -> dict[tuple[Any, ...], Event]:
    """Of each key the event of the greatest revision."""
    latest: dict[tuple[Any, ...], Event] = {}
    for event in events:
        identity = tuple(event[name] for name in key)
        if identity not in latest or event["revision"] >= latest[identity]["revision"]:
            latest[identity] = event
    return latest
