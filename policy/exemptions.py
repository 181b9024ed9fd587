"""Exemptions of plan documents and provider contracts: a JSON list or CSV rows, checked strictly.

Messages never quote a value: plan and provider ids are nobody's business but the payer's.
Source: screening specification, section 4.3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from models.reading import BLANKS, read_code, read_npi
from policy.document import Exemption
from policy.errors import Report
from policy.files import parse_csv

FIELDS: Final = ("plan_id", "billing_provider_npi", "rule", "procedure_code", "from", "to")
"""The fields of an exemption, of which it needs one at least: with none it would exempt everything."""

_LONGEST_PLAN: Final = 80
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as it is written, with repeated keys."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One exemption as given: where it stands (row or number) and its fields."""

    number: int
    fields: Mapping[str, Any]


def parse_exemptions(text: str, file: str, rules: Collection[str], report: Report) -> tuple[Exemption, ...]:
    """The exemptions of a file, in its order; faults are noted with their row or entry and column.

    Args:
        text: the file's content. Its first sign that is no blank tells JSON (`[` or `{`) from CSV.
        file: its name for problems.
        rules: the known rules.
        report: where problems go.
    """
    read = _json_entries if text.lstrip()[:1] in {"[", "{"} else _csv_entries
    return tuple(_exemption(entry, file, rules, report) for entry in read(text, file, report))


def _csv_entries(text: str, file: str, report: Report) -> Iterator[_Entry]:
    for row in parse_csv(text, file, FIELDS, report, some=True) or ():
        yield _Entry(row.number, row.cells)


def _json_entries(text: str, file: str, report: Report) -> Iterator[_Entry]:
    try:
        items = json.loads(text, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        report.add(file, None, None, f"is not JSON: {error.msg} in line {error.lineno}")
        return
    except (ValueError, RecursionError):
        report.add(file, None, None, "is not JSON that can be read")
        return
    if isinstance(items, _Pairs):
        report.add(file, None, None, "must be a list of objects")
        return
    for number, item in enumerate(items, start=1):
        if isinstance(item, _Pairs):
            yield _Entry(number, _fields(item, number, file, report))
        else:
            report.add(file, number, None, "must be an object")


def _fields(pairs: _Pairs, number: int, file: str, report: Report) -> dict[str, Any]:
    """The known fields of a JSON object; unknown and repeated ones are noted."""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name not in FIELDS:
            report.add(file, number, name, "is no field of an exemption")
        elif name in fields:
            report.add(file, number, name, "is given twice")
        else:
            fields[name] = value
    return fields


def _exemption(entry: _Entry, file: str, rules: Collection[str], report: Report) -> Exemption:
    """One exemption; what is not sound is noted and left open."""
    found: dict[str, Any] = {}
    given = False
    for name in FIELDS:
        value = entry.fields.get(name)
        if isinstance(value, str):
            value = value.strip(BLANKS) or None
        if value is None:
            continue
        given = True
        try:
            found[name] = _READERS[name](value, rules)
        except ValueError as error:
            report.add(file, entry.number, name, str(error))
    if not given:
        report.add(file, entry.number, None, f"needs one of {', '.join(FIELDS)} at least")
    first, last = found.pop("from", None), found.pop("to", None)
    if first is not None and last is not None and first > last:
        report.add(file, entry.number, "to", "the period ends before it begins")
    return Exemption(**found, first=first, last=last)


def _plan(value: object, _rules: Collection[str]) -> str:
    if isinstance(value, str) and len(value) <= _LONGEST_PLAN:
        return value
    raise ValueError(f"must be a text of at most {_LONGEST_PLAN} characters")


def _npi(value: object, _rules: Collection[str]) -> str:
    try:
        return read_npi(value)
    except ValueError:
        raise ValueError("must be a text of ten digits with a right check digit (an NPI)") from None


def _rule(value: object, rules: Collection[str]) -> str:
    if isinstance(value, str) and value in rules:
        return value
    raise ValueError("is no rule of this policy")


def _code(value: object, _rules: Collection[str]) -> str:
    try:
        return read_code(value)
    except ValueError:
        raise ValueError("must be a text of five letters and digits (a procedure code)") from None


def _day(value: object, _rules: Collection[str]) -> int:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value).toordinal()
        except ValueError:
            pass
    raise ValueError("must be a date, written YYYY-MM-DD")


_READERS: Final[Mapping[str, Callable[[object, Collection[str]], str | int]]] = {
    "plan_id": _plan,
    "billing_provider_npi": _npi,
    "rule": _rule,
    "procedure_code": _code,
    "from": _day,
    "to": _day,
}
"""How each field is read."""
