"""Laws of rubbish among the lines: all of it is rejected, and it changes nothing else."""

from __future__ import annotations

import pytest

from models.wire import Limits, RejectedError, read_event, read_fields
from streams.generate import encode_line, generate_lines, generate_records
from streams.generate.chance import Chance
from streams.generate.noise import RUBBISH, rubbish_from
from tests.streams.generate.runs import busy, plain


def reasons(line: bytes) -> set[str]:
    """The codes of the reasons for which a line is rejected."""
    try:
        read_event(read_fields(line), Limits(400))
    except RejectedError as rejected:
        return {reason["code"] for reason in rejected.reasons}
    return set()


@pytest.mark.parametrize("kind", list(RUBBISH))
def test_each_kind_is_rejected_for_its_reason(kind: str) -> None:
    """Rubbish of a kind is rejected for the reason of that kind, whatever sound line it is made from."""
    rubbish = RUBBISH[kind]
    for event in generate_lines(busy(members=4, lines=40)):
        assert rubbish.reason in reasons(rubbish.make(event, encode_line(event)))


def test_all_rubbish_of_a_run_is_rejected() -> None:
    """As many lines of a run are rejected as were asked to be rubbish; a line is one line."""
    lines = list(generate_records(plain(members=150, lines=3_000), 0.25))
    rejected = sum(bool(reasons(line)) for line in lines)
    assert len(lines) == 3_000
    assert abs(rejected / len(lines) - 0.25) < 0.01
    assert not any(b"\n" in line for line in lines)


def test_rubbish_takes_no_sound_line_away() -> None:
    """The sound lines of a run with rubbish are those of the run without, in their order."""
    assert [line for line in generate_records(busy(), 0.4) if not reasons(line)] == list(
        generate_records(busy())
    )


def test_every_kind_is_met() -> None:
    """No kind of rubbish is left out, and none is much more frequent."""
    chance = Chance(1)
    event = next(generate_lines(plain()))
    met = {rubbish_from(event, chance) for _ in range(60 * len(RUBBISH))}
    assert met == {rubbish.make(event, encode_line(event)) for rubbish in RUBBISH.values()}


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    """The share of rubbish is from 0 to 0.99."""
    with pytest.raises(ValueError, match="malformed_share"):
        generate_records(plain(), share)
