"""The `detail` column of the code table: `key=value` with `;`, and what each role asks of it.

Source: screening specification, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from policy.document import RoleKind
from policy.errors import quoted
from policy.fields import CODE, WORD
from policy.rule_settings import MISSING_DRUG

_COUNT: Final = re.compile(r"[1-9][0-9]{0,2}")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a row of one role holds.

    Attributes:
        families: whether therapy families must, may or may not be named.
        needed: detail keys that must be there.
        optional: detail keys that may be there.
    """

    families: Literal["must", "may", "may not"]
    needed: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()


SHAPES: Final[Mapping[RoleKind, Shape]] = {
    "per_diem": Shape(
        "must",
        frozenset({"therapy", "missing_drug", "schedule", "infusion"}),
        frozenset({"exclusive", "one_a_day", "cap30"}),
    ),
    "drug": Shape("must"),
    "solution": Shape("must"),
    "formula": Shape("must"),
    "supply": Shape("may", frozenset({"relation"})),
    "flush": Shape("may not"),
    "visit": Shape("may not", frozenset({"visit"})),
    "service": Shape("may not"),
    "other": Shape("may not", optional=frozenset({"class"})),
}


def parse_detail(
    kind: RoleKind, text: str, relations: Collection[str] | None
) -> tuple[dict[str, str], list[str]]:
    """The keys and values of a detail cell, and what is wrong with them.

    Args:
        kind: the row's role, which says what keys may stand here.
        text: the cell. A visit's cell is one word, given back as the value of `visit`.
        relations: the known relations of supplies; None where their list is missing.
    """
    shape = SHAPES[kind]
    detail: dict[str, str] = {}
    faults: list[str] = []
    for key, value in _items(f"visit={text}" if kind == "visit" else text):
        if key in detail:
            faults.append(f"{quoted(key)} is given twice")
        elif key not in shape.needed | shape.optional:
            faults.append(f"{quoted(key)} is not a detail of role {kind}")
        elif fault := _fault(key, value, relations):
            faults.append(f"{key} {fault}")
        detail[key] = value
    faults.extend(f"{key} is missing" for key in sorted(shape.needed - set(detail)))
    return detail, faults


def _items(text: str) -> Iterator[tuple[str, str]]:
    """Keys and values of a cell; a part without a sign of equality is a key without a value."""
    for part in text.split(";") if text else ():
        key, _, value = part.partition("=")
        yield key, value


def _fault(key: str, value: str, relations: Collection[str] | None) -> str | None:
    """What is wrong with the value of a known key, or None."""
    options = relations if key == "relation" else _OPTIONS.get(key)
    if options is None:
        return _CHECKS[key](value)
    return None if value in options else f"is {quoted(value)}, not one of {', '.join(options)}"


def _word(value: str) -> str | None:
    return None if WORD.fullmatch(value) else f"is {quoted(value)}, not a word of small letters"


def _codes(value: str) -> str | None:
    codes = value.split("|")
    if any(not CODE.fullmatch(code) for code in codes):
        return f"is {quoted(value)}, not procedure codes with | between them"
    return "names a code twice" if len(set(codes)) < len(codes) else None


def _days(value: str) -> str | None:
    return None if _COUNT.fullmatch(value) else f"is {quoted(value)}, not a number of days from 1 to 999"


_OPTIONS: Final[Mapping[str, Collection[str]]] = {
    "missing_drug": MISSING_DRUG,
    "schedule": ("daily", "intermittent"),
    "infusion": ("yes", "no"),
    "visit": ("primary", "addon"),
}

_CHECKS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "therapy": _word,
    "exclusive": _codes,
    "one_a_day": _word,
    "cap30": _days,
    "relation": _word,
    "class": _word,
}
