"""In which functions does screening spend its time?"""

from __future__ import annotations

import cProfile
import io
import pstats
from collections.abc import Sequence

from models.record import Record
from models.wire import to_json
from policy import PolicyEngine, load_policy


def _screen(lines: Sequence[bytes]) -> None:
    engine = PolicyEngine(load_policy())
    records = [Record(value, offset) for offset, value in enumerate(lines)]
    for event in engine.receive_many(records).publications:
        to_json(event.__dict__)


def busiest(lines: Sequence[bytes], count: int = 5) -> str:
    """The functions in which screening spends most of its own time, as a table."""
    profile = cProfile.Profile()
    profile.runcall(_screen, lines)
    text = io.StringIO()
    pstats.Stats(profile, stream=text).strip_dirs().sort_stats("tottime").print_stats(count)
    return "\n".join(line for line in text.getvalue().splitlines()[4:] if line.strip())
