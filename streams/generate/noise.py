"""Rubbish: lines that no reader may accept, each made from a sound event.

A kind of rubbish is named by what is wrong; beside it stands the reason for which it is rejected.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from streams.generate.chance import Chance
from streams.generate.events import Event, encode_line

_LARGE: Final = 65_537
_DEEP: Final = 5_000


class Rubbish(NamedTuple):
    """A kind of rubbish.

    Attributes:
        reason: the code of the reason for which it is rejected.
        make: the bytes, without a line end, from the sound event and its bytes.
    """

    reason: str
    make: Callable[[Event, bytes], bytes]


def _with(reason: str, **changes: Any) -> Rubbish:  # noqa: ANN401 - of every type, that is the point
    """Some fields hold something else."""
    return Rubbish(reason, lambda event, _: json.dumps(event | changes).encode())


def _without(*names: str) -> Rubbish:
    """Some fields are missing."""

    def make(event: Event, _: bytes) -> bytes:
        return json.dumps({name: value for name, value in event.items() if name not in names}).encode()

    return Rubbish("missing", make)


RUBBISH: Final[Mapping[str, Rubbish]] = MappingProxyType(
    {
        "cut_off": Rubbish("not_json", lambda _, line: line[: len(line) * 2 // 3]),
        "two_in_one": Rubbish("not_json", lambda _, line: line + line),
        "not_json_at_all": Rubbish("not_json", lambda event, _: b"claim=" + event["claim_id"].encode()),
        "single_quotes": Rubbish("not_json", lambda _, line: line.replace(b'"', b"'")),
        "comma_at_end": Rubbish("not_json", lambda _, line: line[:-1] + b",}"),
        "not_a_number": Rubbish("not_json", lambda _, line: line[:-1] + b',"note":NaN}'),
        "byte_order_mark": Rubbish("not_json", lambda _, line: b"\xef\xbb\xbf" + line),
        "bad_utf8": Rubbish("not_json", lambda _, line: line[:-1] + b',"note":"caf\xe9"}'),
        "half_a_pair": Rubbish("not_json", lambda _, line: line[:-1] + b',"note":"\\ud83d"}'),
        "too_deep": Rubbish("not_json", lambda _, line: line[:-1] + b',"note":' + b"[" * _DEEP + b"}"),
        "too_large": Rubbish("too_large", lambda _, line: line.ljust(_LARGE)),
        "a_list": Rubbish("not_object", lambda _, line: b"[" + line + b"]"),
        "a_string": Rubbish("not_object", lambda _, __: b'"claim line"'),
        "a_null": Rubbish("not_object", lambda _, __: b"null"),
        "no_fields": Rubbish("missing", lambda _, __: b"{}"),
        "no_member": _without("member_id"),
        "no_code": _without("procedure_code"),
        "no_dates": _without("service_date_from", "service_date_to"),
        "blank_claim": _with("missing", claim_id="  "),
        "null_units": _with("missing", units=None),
        "units_true": _with("invalid", units=True),
        "units_zero": _with("invalid", units=0),
        "units_in_words": _with("invalid", units="seven"),
        "units_fine": _with("invalid", units="1.0005"),
        "charge_negative": _with("invalid", charge_amount=-1),
        "charge_in_dollars": _with("invalid", charge_amount="$1,260.00"),
        "charge_a_list": _with("invalid", charge_amount=[1260]),
        "line_number_text": _with("invalid", line_number="1"),
        "line_number_point": _with("invalid", line_number=1.0),
        "line_number_zero": _with("invalid", line_number=0),
        "member_number": _with("invalid", member_id=4711),
        "long_claim_id": _with("invalid", claim_id="SYN-" + "X" * 60),
        "wrong_check_digit": _with("invalid", billing_provider_npi="9000000000"),
        "npi_number": _with("invalid", billing_provider_npi=9_000_000_001),
        "code_of_four": _with("invalid", procedure_code="S950"),
        "five_modifiers": _with("invalid", modifiers=["SH", "SJ", "JW", "59", "KX"]),
        "modifier_text": _with("invalid", modifiers="SH"),
        "ndc_number": _with("invalid", ndc=99012034501),
        "frequency_number": _with("invalid", claim_frequency_code=1),
        "frequency_zero": _with("invalid", claim_frequency_code="0"),
        "american_date": _with("invalid", service_date_from="01/15/2026"),
        "date_number": _with("invalid", service_date_from=20260115),
        "no_such_day": _with("invalid", service_date_from="2026-02-30"),
        "no_zone": _with("invalid", received_at="2026-02-01T10:00:00"),
        "time_number": _with("invalid", received_at=1_770_000_000),
        "year_3000": _with("invalid", received_at="3000-01-01T00:00:00Z"),
        "dates_reversed": _with(
            "dates_reversed",
            service_date_from="2026-01-09",
            service_date_to="2026-01-02",
            received_at="2026-02-01T10:00:00Z",
        ),
        "two_years_long": _with(
            "span_too_long",
            service_date_from="2024-01-01",
            service_date_to="2025-12-31",
            received_at="2026-02-01T10:00:00Z",
        ),
        "line_over_count": _with("line_number_over_count", line_number=9, line_count=3),
        "void_of_nothing": _with("original_claim_missing", claim_frequency_code="8", original_claim_id=None),
        "void_of_itself": Rubbish(
            "self_withdrawal",
            lambda event, _: json.dumps(
                event | {"claim_frequency_code": "8", "original_claim_id": event["claim_id"]}
            ).encode(),
        ),
        "long_ago": _with(
            "outside_history",
            service_date_from="1999-12-31",
            service_date_to="1999-12-31",
            received_at="2026-02-01T10:00:00Z",
        ),
        "far_ahead": _with(
            "service_in_future",
            service_date_from="2031-01-01",
            service_date_to="2031-01-01",
            received_at="2026-02-01T10:00:00Z",
        ),
    }
)
"""Every kind of rubbish by its name."""

_MAKERS: Final = tuple(each.make for each in RUBBISH.values())


def rubbish_from(event: Event, chance: Chance) -> bytes:
    """A line of rubbish, without a line end, made from a sound event."""
    return chance.pick(_MAKERS)(event, encode_line(event))
