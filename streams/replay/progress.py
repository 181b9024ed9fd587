"""How far a replay is, in numbers, added up over its pieces of work."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from models.reading import instant_text
from streams.replay.job import Job

State = Literal["reading", "finishing", "done", "failed"]


class Moved(NamedTuple):
    """What a piece of work tells now and then.

    Attributes:
        name: of the piece.
        counts: what its figures have grown by.
        steps: how far reading has gone on since.
        judged: members judged so far.
        event_time: that it has reached (microseconds since 1970), or None.
    """

    name: str
    counts: dict[str, int]
    steps: int
    judged: int
    event_time: int | None


@dataclass(slots=True)
class Progress:
    """How far a replay is.

    Attributes:
        job: the replay.
        planned: records of the manifest.
        steps_planned: how far reading goes in all: offsets, or bytes of files for each piece of work.
        throttle: records a second at most, or None.
        counts: as in `Figures`, so far.
        state: what is going on.
    """

    job: Job
    planned: int
    steps_planned: int
    throttle: float | None = None
    counts: Counter[str] = field(default_factory=Counter)
    state: State = "reading"
    started: float = field(default_factory=time.time)
    steps: int = 0
    units: dict[str, Literal["waiting", "running", "done"]] = field(default_factory=dict)
    event_times: dict[str, int] = field(default_factory=dict)
    _fresh_records: int = 0
    _fresh_steps: int = 0

    def began(self, name: str) -> None:
        """A piece of work began."""
        self.units[name] = "running"

    def ended(self, name: str) -> None:
        """A piece of work is done."""
        self.units[name] = "done"
        self.event_times.pop(name, None)

    def was_done(self, name: str, counts: Counter[str], steps: int) -> None:
        """A piece was done before this process began."""
        self.units[name] = "done"
        self.counts.update(counts)
        self.steps += steps

    def moved(self, moved: Moved) -> None:
        """A piece of work went on."""
        self.counts.update(moved.counts)
        self.steps += moved.steps
        self._fresh_steps += moved.steps
        self._fresh_records += moved.counts.get("records", 0)
        if moved.event_time is not None:
            self.event_times[moved.name] = moved.event_time

    @property
    def share(self) -> float:
        """How much of the reading is done, 0 to 1."""
        return min(self.steps / self.steps_planned, 1.0) if self.steps_planned else 1.0

    @property
    def seconds(self) -> float:
        """Since this process began."""
        return time.time() - self.started

    @property
    def rate(self) -> float:
        """Records a second since then."""
        return self._fresh_records / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the pace so far; None where nothing was read yet."""
        if self.state == "done":
            return 0.0
        left = max(self.steps_planned - self.steps, 0)
        return left * self.seconds / self._fresh_steps if self._fresh_steps else None

    def unit_counts(self) -> dict[str, int]:
        """Pieces of work by how far they are."""
        found = Counter(self.units.values())
        return {state: found[state] for state in ("waiting", "running", "done")}

    def told(self) -> dict[str, Any]:
        """As machines read it."""
        left = self.seconds_left
        times = self.event_times.values()
        counts = self.counts
        return {
            "state": self.state,
            "mode": self.job.mode,
            "against": self.job.against,
            "records": counts["records"],
            "records_planned": self.planned,
            "share": round(self.share, 4),
            "records_per_second": round(self.rate, 1),
            "throttle": self.throttle,
            "seconds": round(self.seconds, 1),
            "seconds_left": None if left is None else round(left, 1),
            "rejects": counts["rejects"],
            "units": self.unit_counts(),
            "event_time": instant_text(min(times)) if times else None,
            "edits": counts["policy.edits"],
            "differences": {name: counts[name] for name in ("added", "removed", "changed", "flips")},
        }
