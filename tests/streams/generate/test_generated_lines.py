"""Laws of generated claim lines: repeatable, acceptable, in order, plainly synthetic."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings

from models.reading import read_date, read_instant
from models.wire import Limits, read_event, read_fields
from streams.generate import GenerateSettings, encode_line, generate_lines, generate_records
from tests.streams.generate.runs import busy, few, plain

LIMITS = Limits(400)


@settings(max_examples=8, deadline=None)
@given(few())
def test_same_settings_same_bytes(run: GenerateSettings) -> None:
    """Two runs of the same settings are the same, byte for byte."""
    assert list(generate_records(run, 0.1)) == list(generate_records(run, 0.1))


def test_another_seed_is_another_run() -> None:
    """Runs of different seeds differ."""
    assert list(generate_records(busy(seed=1))) != list(generate_records(busy(seed=2)))


@settings(max_examples=8, deadline=None)
@given(few())
def test_stopping_sooner_changes_nothing_before(run: GenerateSettings) -> None:
    """A run that stops after some lines is the beginning of the run that goes on."""
    whole = list(generate_lines(run))
    assert list(generate_lines(replace(run, lines=37))) == whole[:37]


@settings(max_examples=15, deadline=None)
@given(few())
def test_every_line_is_accepted(run: GenerateSettings) -> None:
    """Every line is read without a reason to reject it, and every NDC in it is one."""
    for line in generate_records(run):
        fields = read_fields(line)
        event = read_event(fields, LIMITS)
        assert (event.ndc is None) == ("ndc" not in fields)


@settings(max_examples=8, deadline=None)
@given(few())
def test_encoded_lines_hold_their_events(run: GenerateSettings) -> None:
    """The bytes of an event are JSON of just that event."""
    for event in generate_lines(run):
        assert json.loads(encode_line(event)) == event


@settings(max_examples=8, deadline=None)
@given(few())
def test_lines_come_in_the_order_of_receipt(run: GenerateSettings) -> None:
    """No line was received over two minutes before one in front of it, unless it is delivered again."""
    latest = None
    seen = set()
    for event in generate_lines(run):
        received = read_instant(event["received_at"])
        if event["event_id"] not in seen:
            assert latest is None or latest - received <= timedelta(minutes=2)
            latest = received if latest is None else max(latest, received)
        seen.add(event["event_id"])


@settings(max_examples=8, deadline=None)
@given(few())
def test_an_event_id_stands_for_one_event(run: GenerateSettings) -> None:
    """What is delivered twice under one event id is the same event."""
    events = defaultdict(set)
    for event in generate_lines(run):
        events[event["event_id"]].add(encode_line(event))
    assert all(len(versions) == 1 for versions in events.values())


def test_some_lines_are_delivered_twice() -> None:
    """Redelivery happens where it is asked for, and nowhere else."""
    for share, expected in ((0, False), (0.3, True)):
        ids = [event["event_id"] for event in generate_lines(plain(redelivery_share=share))]
        assert (len(set(ids)) < len(ids)) is expected


def test_service_lies_in_the_days_asked_for() -> None:
    """Every service date of home infusion is one of the days asked for, and all of the days are served."""
    run = plain(start=date(2027, 3, 5), days=20, split_share=0.3)
    first, last = run.start, run.start + timedelta(days=run.days - 1)
    spans = [
        (read_date(event["service_date_from"]), read_date(event["service_date_to"]))
        for event in generate_lines(run)
    ]
    assert min(begins for begins, _ in spans) == first
    assert max(ends for _, ends in spans) == last


def test_claims_come_days_after_their_service() -> None:
    """A claim is received from three days to two months after its last service date."""
    ways = {
        (read_instant(event["received_at"]).date() - read_date(event["service_date_to"])).days
        for event in generate_lines(plain(days=90))
    }
    assert min(ways) >= 3
    assert max(ways) <= 60
    assert len(ways) > 10


@pytest.mark.parametrize("share", [0, 0.2, 0.5, 0.95])
def test_other_share_is_met(share: float) -> None:
    """The share of lines that are no home infusion is the one asked for, within two points."""
    events = list(generate_lines(plain(members=200, other_share=share, lines=8_000, late_share=0.2)))
    others = sum(event["claim_id"].startswith("SYN-N") for event in events)
    assert abs(others / len(events) - share) < 0.02


def test_nothing_in_it_is_real() -> None:
    """Ids say that they are synthetic; no provider number begins as real ones do."""
    for event in generate_lines(busy()):
        assert all(
            event[name].startswith("SYN-") for name in ("event_id", "claim_id", "member_id", "plan_id")
        )
        assert event["billing_provider_npi"][0] == "9"
        assert (event["rendering_provider_npi"] or "9")[0] == "9"


def test_providers_have_habits_of_their_own() -> None:
    """Units, charges, NDCs and counts of lines are written in several ways, each provider in its own."""
    written = defaultdict(set)
    for event in generate_lines(plain(members=300)):
        written[event["billing_provider_npi"]].add((type(event["units"]), type(event["charge_amount"])))
    assert all(len(ways) == 1 for ways in written.values())
    assert len(set.union(*written.values())) == 4


MEASURE = """
import gc, tracemalloc
from itertools import islice
from streams.generate import GenerateSettings, generate_lines
tracemalloc.start()
events = generate_lines(GenerateSettings(members=120, seed=2, days=240, other_share=0.9))
for lines in (20_000, 80_000):
    assert sum(1 for _ in islice(events, lines)) == lines
    gc.collect()  # until then Python keeps freed tuples for new ones
    print(tracemalloc.get_traced_memory()[0])
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_lines() -> None:
    """After 100,000 lines a run holds at most one and a half times what it holds after 20,000 lines."""
    # in a process of its own, where no other test has filled a cache
    command = [sys.executable, "-c", MEASURE]
    measured = subprocess.run(command, capture_output=True, check=True, cwd=Path(__file__).parents[3])
    sooner, later = map(int, measured.stdout.split())
    assert later <= 1.5 * sooner


def test_a_member_costs_a_few_bytes() -> None:
    """Of a member no more than four bytes are kept, whatever else is held is for the claims of some hours."""
    peaks = []
    for members in (1_000, 51_000):
        tracemalloc.start()
        assert sum(1 for _ in generate_lines(plain(members=members, lines=500))) == 500
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 5 * 50_000
