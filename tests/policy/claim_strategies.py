"""Small sets of claim-line events whose lines meet: few members, claims, providers, codes and dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from tests.oracle.random_codes import (
    ANY_DRUGS,
    FLUSH_NDC,
    FLUSHES,
    FORMULAS,
    NDCS,
    OTHERS,
    RELATED,
    SERVICES,
    SOLUTIONS,
    SUPPLIES,
    THERAPIES,
    VISITS,
)
from tests.support import Event

CLAIMS = ("C1", "C2", "C3", "C4")
PROVIDERS = ("1234567893", "1999999984")
FIRST_DAY = date(2024, 3, 27)
FIRST_INSTANT = datetime(2024, 5, 2, 9, tzinfo=UTC)
SECONDS = (0, 0, 1, 300, 899, 900, 901, 3600, 86_400, 86_400, 90_000, 200_000)
"""When lines are received, after the first instant: at once, about the 15 minutes of settling, days later."""

BESIDE = (SUPPLIES, FLUSHES, SOLUTIONS, FORMULAS, VISITS, (*SERVICES, *OTHERS), ANY_DRUGS)
"""Codes of every role but per diem."""

_MIXED = (("S9500", "S9338", "S9379"), ("S9500", "S5501"), ("S9379",), ("S9542", "S9351"), ("S9372", "S5498"))
_GROUPS = (*RELATED, *_MIXED, *_MIXED, *((code,) for code in THERAPIES))


@st.composite
def code_pools(draw: st.DrawFn) -> tuple[str, ...]:
    """The codes of a set: some per diems, the drugs of their therapies, a few codes of other roles."""
    per_diems = draw(st.sampled_from(_GROUPS))
    drugs = {drug for code in per_diems for drug in THERAPIES[code]}
    beside = draw(st.lists(st.sampled_from(BESIDE).flatmap(st.sampled_from), max_size=4))
    return *per_diems, *per_diems, *sorted(drugs), *beside


@st.composite
def claim_heads(draw: st.DrawFn) -> dict[str, Event]:
    """What the lines of each claim share; now and then a claim replaces or voids another, or nobody's."""
    heads: dict[str, Event] = {}
    for claim in CLAIMS[: draw(st.integers(1, len(CLAIMS)))]:
        head: Event = {
            "claim_id": claim,
            "member_id": draw(st.sampled_from(("M-1", "M-1", "M-1", "M-2"))),
            "billing_provider_npi": draw(st.sampled_from((*PROVIDERS, PROVIDERS[0]))),
            "plan_id": draw(st.sampled_from((None, "GOLD"))),
        }
        frequency = draw(st.sampled_from("111111778"))
        if frequency != "1":
            named = [other for other in (*CLAIMS, "GONE") if other != claim]
            head |= {"claim_frequency_code": frequency, "original_claim_id": draw(st.sampled_from(named))}
        heads[claim] = head
    return heads


@st.composite
def courses(draw: st.DrawFn) -> tuple[date, int]:
    """The first date and the number of days of a course of therapy, which several lines bill."""
    first = FIRST_DAY + timedelta(days=draw(st.integers(0, 6)))
    return first, draw(st.sampled_from((1, 2, 3, 5, 7, 12)))


@st.composite
def bills(draw: st.DrawFn, pool: tuple[str, ...], spans: list[tuple[date, int]]) -> Event:
    """What one version of a line bills: a code on some dates, units whole or not, and when it came."""
    first, days = draw(st.sampled_from(spans))
    if draw(st.integers(0, 3)) == 3:
        first, days = first + timedelta(days=days // 2), 1
    units = draw(st.sampled_from((str(days), str(days), "1", "2", "2.5", "0.333", str(days + 1), "14")))
    code = draw(st.sampled_from(pool))
    received = FIRST_INSTANT + timedelta(seconds=draw(st.sampled_from(SECONDS)))
    event: Event = {
        "procedure_code": code,
        "service_date_from": first.isoformat(),
        "service_date_to": (first + timedelta(days=days - 1)).isoformat(),
        "units": units,
        "charge_amount": draw(st.sampled_from(("100.00", "0.01", "333.33", "0"))),
        "received_at": received.isoformat(),
    }
    if code in THERAPIES:
        event["modifiers"] = draw(st.sampled_from(([], [], [], ["SH"], ["SJ"], ["SJ", "SH"])))
    else:
        event["modifiers"] = draw(st.sampled_from(([], [], [], ["JW"])))
        event["ndc"] = draw(st.sampled_from((None, None, FLUSH_NDC, *NDCS[1:4])))
        event["place_of_service"] = draw(st.sampled_from(("12", "12", None)))
    return event


@st.composite
def claim_sets(draw: st.DrawFn) -> list[Event]:
    """One to twelve events in any order: lines, corrections, replacements and voids; none is rejected."""
    heads = draw(claim_heads())
    billed = bills(draw(code_pools()), draw(st.lists(courses(), min_size=1, max_size=3)))
    lines = st.tuples(st.sampled_from(sorted(heads)), st.sampled_from((0, 0, 1, None, None)), billed)
    numbers = dict.fromkeys(heads, 0)
    events: list[Event] = []
    for at, (claim, behind, bill) in enumerate(draw(st.lists(lines, min_size=1, max_size=12))):
        if events and draw(st.integers(0, 5)) == 5:
            event = draw(st.sampled_from(events)) | bill  # another version of a line
        else:
            number = numbers[claim] = numbers[claim] + 1
            count = None if behind is None else number + behind
            event = heads[claim] | bill | {"line_number": number, "line_count": count}
        events.append(event | {"event_id": f"E{at}"})
    return draw(st.permutations(events))
