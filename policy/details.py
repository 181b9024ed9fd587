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

Check = Callable[[str, Collection[str]], str | None]
"""Says what is wrong with a value, given the known relations, or None."""


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


def parse_detail(kind: RoleKind, text: str, relations: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """The keys and values of a detail cell, and what is wrong with them.

    Args:
        kind: the row's role, which says what keys may stand here.
        text: the cell. A visit's cell is one word, given back as the value of `visit`.
        relations: the known relations of supplies.
    """
    shape = SHAPES[kind]
    detail: dict[str, str] = {}
    faults: list[str] = []
    for key, value in _items(f"visit={text}" if kind == "visit" else text):
        if key in detail:
            faults.append(f"{quoted(key)} is given twice")
        elif key not in shape.needed | shape.optional:
            faults.append(f"{quoted(key)} is not a detail of role {kind}")
        elif fault := _CHECKS[key](value, relations):
            faults.append(f"{key} {fault}")
        detail[key] = value
    faults.extend(f"{key} is missing" for key in sorted(shape.needed - set(detail)))
    return detail, faults


def _items(text: str) -> Iterator[tuple[str, str]]:
    """Keys and values of a cell; a part without a sign of equality is a key without a value."""
    for part in text.split(";") if text else ():
        key, _, value = part.partition("=")
        yield key, value


def _one_of(options: Collection[str]) -> Check:
    def check(value: str, _relations: Collection[str]) -> str | None:
        return None if value in options else f"is {quoted(value)}, not one of {', '.join(options)}"

    return check


def _word(value: str, _relations: Collection[str]) -> str | None:
    return None if WORD.fullmatch(value) else f"is {quoted(value)}, not a word of small letters"


def _relation(value: str, relations: Collection[str]) -> str | None:
    return None if value in relations else f"is {quoted(value)}, which is not listed in roles.relations"


def _codes(value: str, _relations: Collection[str]) -> str | None:
    codes = value.split("|")
    if any(not CODE.fullmatch(code) for code in codes):
        return f"is {quoted(value)}, not procedure codes with | between them"
    return "names a code twice" if len(set(codes)) < len(codes) else None


def _days(value: str, _relations: Collection[str]) -> str | None:
    return None if _COUNT.fullmatch(value) else f"is {quoted(value)}, not a number of days from 1 to 999"


_CHECKS: Final[Mapping[str, Check]] = {
    "therapy": _word,
    "missing_drug": _one_of(MISSING_DRUG),
    "schedule": _one_of(("daily", "intermittent")),
    "infusion": _one_of(("yes", "no")),
    "exclusive": _codes,
    "one_a_day": _word,
    "cap30": _days,
    "relation": _relation,
    "visit": _one_of(("primary", "addon")),
    "class": _word,
}
