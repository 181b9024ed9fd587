"""What the tests of the generator share: runs without anything special, and what screening finds in a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from models.edit_event import EditEvent
from streams.generate import ERROR_KINDS, GenerateSettings, generate_records
from streams.generate.claims import Sent
from streams.generate.stream import _Arrivals
from tests.support import latest, run

_NOTHING_SPECIAL: dict[str, Any] = {
    "error_rates": {},
    "late_share": 0,
    "correction_share": 0,
    "void_share": 0,
    "split_share": 0,
    "version_share": 0,
    "redelivery_share": 0,
}


def plain(**changes: Any) -> GenerateSettings:  # noqa: ANN401 - settings of every type
    """Settings of a run in which nothing special happens, but for the changes."""
    return GenerateSettings(**({"members": 60, "seed": 5} | _NOTHING_SPECIAL | changes))


def busy(**changes: Any) -> GenerateSettings:  # noqa: ANN401 - settings of every type
    """Settings of a run in which everything happens often, but for the changes."""
    return plain(
        **{
            "error_rates": dict.fromkeys(ERROR_KINDS, 0.03),
            "late_share": 0.2,
            "correction_share": 0.2,
            "void_share": 0.1,
            "split_share": 0.2,
            "version_share": 0.2,
            "redelivery_share": 0.2,
            "other_share": 0.3,
        }
        | changes
    )


def few(**fixed: Any) -> st.SearchStrategy[GenerateSettings]:  # noqa: ANN401 - settings of every type
    """Small busy runs."""
    drawn = {
        "members": st.integers(1, 12),
        "seed": st.integers(),
        "days": st.integers(1, 45),
        "other_share": st.sampled_from((0.0, 0.4, 0.8)),
    }
    return st.builds(busy, **drawn | {name: st.just(value) for name, value in fixed.items()})


def sent_bills(settings: GenerateSettings) -> Iterator[Sent]:
    """What each bill of a run leads to, with the error that was made in it."""
    arrivals = _Arrivals(settings)
    for due, instant in arrivals._visits():
        sent = arrivals._writer.write(due, instant)
        if sent.now:
            yield sent


def open_edits(settings: GenerateSettings) -> list[EditEvent]:
    """The edits that are open when a run has been screened."""
    outputs = run(list(generate_records(settings)), final=True)
    assert not any(out.rejections for out in outputs)
    edits, _ = latest(event for out in outputs for event in out.publications)
    return [edit for edit in edits.values() if edit.status == "open"]
