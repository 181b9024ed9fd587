"""A claim by date tells what the oracle tells, and the terminal shows all of it."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

import pytest
from rich.console import Console

from streams.explain.calendar import SYMBOLS, Key
from streams.explain.found import Explained, judged
from streams.explain.view import print_explained
from tests.oracle import own_tables, random_events
from tests.oracle.drug_rules import drugs_on_other_claims
from tests.oracle.evidence import Member
from tests.oracle.lines import Claim, Line, read_claims
from tests.support import Event, built_in_policy, records

SEEDS = range(8)
_LETTERS = re.escape("".join(letter for letter, _ in SYMBOLS.values()))
_ROW = re.compile(rf"^ *\d+ [A-Z0-9-]+\N{{HORIZONTAL ELLIPSIS}}? +((?:[{_LETTERS}.][! ]?)+)$")


@lru_cache
def events_of(seed: int) -> list[Event]:
    """A random set of events."""
    return random_events(random.Random(seed), 25)


@lru_cache
def claims_of(seed: int) -> list[Claim]:
    """Its claims as the oracle reads them."""
    return read_claims(events_of(seed), own_tables())


@lru_cache
def explained(seed: int) -> list[Explained]:
    """All its claims explained."""
    given, policy = records(events_of(seed)), built_in_policy()
    claim_ids = dict.fromkeys(claim.claim_id for claim in claims_of(seed))
    return [one for claim_id in claim_ids for one in judged(given, claim_id, policy, "the policy")]


def lines(seed: int) -> Iterator[tuple[Member, Line]]:
    """Each line with its member, as the oracle sees them."""
    claims = claims_of(seed)
    for member_id in {claim.member_id for claim in claims}:
        of_member = [line for claim in claims if claim.member_id == member_id for line in claim.lines]
        member = Member(of_member)
        yield from ((member, line) for line in of_member)


def told(seed: int, line: Line) -> dict[str, set[date]]:
    """What the calendar of a line's own claim says of it: dates by kind."""
    (mine,) = [
        row
        for one in explained(seed)
        if (one.member_id, one.claim_id) == (line.member_id, line.claim_id)
        for row in one.rows
        if row.own and row.line.line_number == line.line_number
    ]
    kinds: dict[str, set[date]] = {}
    for day, kind in mine.days.items():
        kinds.setdefault(kind, set()).add(date.fromordinal(day))
    return kinds


@pytest.mark.parametrize("seed", SEEDS)
def test_per_diem_days_are_paired_as_the_oracle_pairs_them(seed: int) -> None:
    """Days with the drug on the claim, with a drug on another claim alone, and with none."""
    seen = 0
    for member, line in lines(seed):
        if line.role.kind == "per_diem" and line.active and line.in_policy:
            kinds = told(seed, line)
            paired = member.paired[line]
            rest = {day for day in member.billed(line) if day not in paired}
            included = line.role.detail["missing_drug"] == "included"
            elsewhere = {day for day in rest if drugs_on_other_claims(member, line, day)}
            assert kinds.get("both", set()) == paired
            assert kinds.get("unbilled", set()) == set(line.days) - paired - rest
            assert kinds.get("included", set()) == (rest if included else set())
            assert kinds.get("elsewhere", set()) == (set() if included else elsewhere)
            assert kinds.get("alone", set()) == (set() if included else rest - elsewhere)
            seen += 1
    assert seen


@pytest.mark.parametrize("seed", SEEDS)
def test_drug_days_are_those_of_the_oracle(seed: int) -> None:
    """A drug line is a drug on the days on which it is evidence that one was given."""
    for member, line in lines(seed):
        if line.role.kind in {"drug", "solution"} and line.active and line.in_policy:
            given = {day for day in line.days if member.families_on(line, day) is not None}
            assert told(seed, line).get("drug", set()) == given


@pytest.mark.parametrize("seed", SEEDS)
def test_lines_that_do_not_count_are_told_apart(seed: int) -> None:
    """Every line has all its dates; of a withdrawn, void or older line they are of one kind."""
    for _, line in lines(seed):
        kinds = told(seed, line)
        assert set().union(*kinds.values()) == set(line.days)
        assert ("inactive" in kinds) == (not (line.active and line.in_policy))


def marked(one: Explained) -> dict[Key, set[int]]:
    """The days of rows that the calendar shows as edited."""
    return {row.key: one.edited.get(row.key, set()) & row.days.keys() for row in one.rows}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_edit_has_its_dates_on_the_calendar(seed: int) -> None:
    """Each date of each open edit is a marked day of the edit's line; nothing else is marked."""
    for one in explained(seed):
        (decision,) = one.decisions
        wanted: dict[Key, set[int]] = {}
        for edit in decision.edits:
            days = wanted.setdefault((edit["claim_id"], edit["line_number"]), set())
            days |= {date.fromisoformat(day).toordinal() for day in edit["dates"]}
        assert {key: days for key, days in marked(one).items() if days} == wanted


@pytest.mark.parametrize("seed", SEEDS)
def test_the_evidence_of_every_edit_is_on_the_calendar(seed: int) -> None:
    """Each line that an edit rests on has a row."""
    for one in explained(seed):
        keys = {row.key for row in one.rows}
        for edit in one.decisions[0].edits:
            assert keys >= {(other["claim_id"], other["line_number"]) for other in edit["evidence"]}


def drawn(one: Explained, width: int, *, terminal: bool) -> list[str]:
    """The lines of a claim explained on a console of some width."""
    out = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=terminal,
        color_system=None,
        markup=False,
        highlight=False,
    )
    print_explained(out, one)
    file = out.file
    assert isinstance(file, io.StringIO)
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [20, 79, 80, 200])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    """Whatever its width, and never wider than 120."""
    for seed in SEEDS[:1]:
        for one in explained(seed):
            assert max(map(len, drawn(one, width, terminal=True))) <= min(width, 120)


@pytest.mark.parametrize("width", [24, 80])
def test_the_terminal_shows_every_day_and_every_mark(width: int) -> None:
    """As many letters of each kind, and marks, as the calendar has in the months of the claim."""
    for seed in SEEDS[:1]:
        for one in explained(seed):
            months = {
                (day.year, day.month)
                for row in one.rows
                if row.own
                for day in map(date.fromordinal, row.days)
            }
            days = [
                (kind, day in one.edited.get(row.key, ()))
                for row in one.rows
                for day, kind in row.days.items()
                if (date.fromordinal(day).year, date.fromordinal(day).month) in months
            ]
            cells = "".join(row[1] for line in drawn(one, width, terminal=False) if (row := _ROW.match(line)))
            for kind, (letter, _) in SYMBOLS.items():
                assert cells.count(letter) == sum(shown == kind for shown, _ in days)
            assert cells.count("!") == sum(edited for _, edited in days)


def test_every_edit_is_told_with_its_message() -> None:
    """Rule, disposition, message and policy section of each open edit; the verdict and how it settled."""
    for seed in SEEDS[:1]:
        for one in explained(seed):
            text = " ".join(" ".join(drawn(one, 400, terminal=False)).split())
            (decision,) = one.decisions
            for edit in decision.edits:
                assert f"{edit['disposition']} {edit['rule']}" in text
                assert " ".join(edit["message"].split()) in text
                assert f"{edit['policy']['version']}, {edit['policy']['section']}" in text
            assert decision.verdict is not None
            assert f"verdict {decision.verdict['status']}" in text
            assert "settled" in text
