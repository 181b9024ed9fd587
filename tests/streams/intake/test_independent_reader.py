"""pyx12, which follows the implementation guides' own maps, reads the same claims as intake does."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby, islice
from typing import Any

import pytest
from pyx12.error_handler import errh_null
from pyx12.params import params
from pyx12.x12context import X12ContextReader
from pyx12.x12n_document import x12n_document

from streams.generate import GenerateSettings, generate_lines
from streams.generate.x12 import Kind, interchanges
from streams.intake import ClaimNumbers
from streams.intake.numbers import REF_D9
from tests.streams.intake.sample import taken_in

pytestmark = pytest.mark.slow

Line = tuple[str, str, tuple[str, ...], date, date, Decimal, Decimal, str | None, str | None]


def generated(kind: Kind, claims: int) -> bytes:
    """So many claims in one interchange."""
    settings = GenerateSettings(members=claims, seed=6, other_share=0.3).whole_claims()
    by_claim = groupby(generate_lines(settings), key=lambda event: event["claim_id"])
    events = (
        event | {"received_at": "2026-03-31T12:00:00Z"}
        for _, lines in islice(by_claim, claims)
        for event in lines
    )
    return b"".join(interchanges(events, kind))


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def as_pyx12_reads(data: bytes, kind: Kind) -> Iterator[Line]:
    """Claim, code, modifiers, dates, units, charge, NDC and rendering provider of every line."""
    service = "SV1" if kind == "P" else "SV2"
    composite, charge, amount = ("01", "02", "04") if kind == "P" else ("02", "03", "05")
    claim_loop, line_loop = ("2310B", "2420A") if kind == "P" else ("2310D", "2420C")
    reader: Any = X12ContextReader(params(), errh_null(), io.StringIO(data.decode()))
    for claim in reader.iter_segments("2300"):
        if claim.id != "2300":
            continue
        rendering = claim.get_value(f"{claim_loop}/NM109")
        for line in claim.select("2400"):
            first, _, last = line.get_value("DTP[472]03").partition("-")
            yield (
                claim.get_value("REF[D9]02"),
                line.get_value(f"{service}{composite}-2"),
                tuple(filter(None, (line.get_value(f"{service}{composite}-{n}") for n in range(3, 7)))),
                _day(first),
                _day(last or first),
                Decimal(line.get_value(f"{service}{amount}")),
                Decimal(line.get_value(f"{service}{charge}")),
                line.get_value("2410/LIN03"),
                line.get_value(f"{line_loop}/NM109") or rendering,
            )


def as_intake_reads(data: bytes) -> Iterator[Line]:
    """The same of the events."""
    events, faults, _ = taken_in(data, ClaimNumbers(REF_D9))
    assert not faults
    for event in events:
        yield (
            event["claim_id"],
            event["procedure_code"],
            tuple(event["modifiers"]),
            date.fromisoformat(event["service_date_from"]),
            date.fromisoformat(event["service_date_to"]),
            Decimal(event["units"]),
            Decimal(event["charge_amount"]),
            event["ndc"],
            event["rendering_provider_npi"],
        )


@pytest.mark.parametrize(("kind", "claims"), [("P", 1000), ("I", 200)])
def test_pyx12_reads_the_same(kind: Kind, claims: int) -> None:
    """Codes, modifiers, dates, units, charges, NDCs and rendering providers of every line are the same."""
    data = generated(kind, claims)
    expected = list(as_pyx12_reads(data, kind))
    assert len({line[0] for line in expected}) == claims
    assert sum(line[7] is not None for line in expected) > claims // 10
    assert list(as_intake_reads(data)) == expected


@pytest.mark.parametrize("kind", ["P", "I"])
def test_what_is_generated_is_sound(kind: Kind) -> None:
    """By the maps of the guides, nothing is wrong with a generated file; a file without its HL is refused."""
    data = generated(kind, 30).decode()
    assert x12n_document(params(), io.StringIO(data), None, None, None)
    assert not x12n_document(params(), io.StringIO(data.replace("HL*", "HX*")), None, None, None)
