"""The claim id: which number of an 837, or of the payer, a claim is known by.

An 837 holds no number of the payer but in REF F8 of a correction. So `claim_id` is, by setting,

* `npi-clm01`: the billing provider's NPI and its own number for the claim, CLM01. A provider that repeats
  CLM01 on its correction sends a newer version of the same claim. REF F8 names a number that is not known
  here.
* `ref-d9`: REF D9, where the payer's front end writes its own number there. REF F8 is one of those numbers.
* `map:FILE`: what the payer's own list says. REF F8 must be a claim id or a payer's number of that list, or
  the provider's own number of the earlier claim.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from streams.files import InputError, shown

LONGEST: Final = 50
NPI_CLM01: Final = "npi-clm01"
REF_D9: Final = "ref-d9"
MAP: Final = "map:"

_NPI, _CLM01, _CLAIM_ID = "billing_provider_npi", "patient_control_number", "claim_id"
_FREQUENCY, _PAYER_NUMBER = "claim_frequency_code", "payer_number"
_NEEDED: Final = (_NPI, _CLM01, _CLAIM_ID)


class Numbers(NamedTuple):
    """The numbers by which a claim calls itself in a file; empty where it has none."""

    npi: str
    clm01: str
    d9: str
    frequency: str


class Refused(NamedTuple):
    """No claim id: the code of the fault."""

    code: str


Key = tuple[str, str, str]
"""NPI, CLM01 and frequency; the frequency is empty for claims of any."""


@dataclass(frozen=True, slots=True)
class ClaimNumbers:
    """How claims are numbered.

    Attributes:
        setting: `npi-clm01`, `ref-d9` or `map:FILE`.
        ids: of a map: the claim id, None where several are given.
        known: of a map: claim ids and payer's numbers, each with its claim id.
    """

    setting: str = NPI_CLM01
    ids: Mapping[Key, str | None] | None = None
    known: Mapping[str, str] | None = None

    def claim_id(self, numbers: Numbers) -> str | Refused:
        """The id of a claim."""
        found: str | None
        if self.ids is not None:
            npi, clm01, _, frequency = numbers
            for key in ((npi, clm01, frequency), (npi, clm01, "")):
                if key in self.ids:
                    found = self.ids[key]
                    return Refused("claim_number_ambiguous") if found is None else found
            return Refused("claim_number_unmapped")
        if self.setting == REF_D9:
            found = numbers.d9
        else:
            found = f"{numbers.npi}-{numbers.clm01}" if numbers.clm01 else ""
        if not found:
            return Refused("claim_number_missing")
        return Refused("claim_number_too_long") if len(found) > LONGEST else found

    def original(self, f8: str, npi: str) -> tuple[str, bool]:
        """The id of the claim that REF F8 names, and whether the number is known."""
        if self.setting == REF_D9:
            return f8, True
        if self.known is None or self.ids is None:
            return f8, False
        if f8 in self.known:
            return self.known[f8], True
        own = self.ids.get((npi, f8, "1")) or self.ids.get((npi, f8, ""))
        return (own, True) if own else (f8, False)


def claim_numbers(setting: str) -> ClaimNumbers:
    """The numbering that a setting asks for.

    Raises:
        ValueError: there is no such setting.
        InputError: the map cannot be read, or it is none; the message names its line.
    """
    if setting in (NPI_CLM01, REF_D9):
        return ClaimNumbers(setting)
    if setting.startswith(MAP) and len(setting) > len(MAP):
        return _mapped(setting)
    msg = f"is {NPI_CLM01}, {REF_D9} or {MAP}FILE"
    raise ValueError(msg)


def _mapped(setting: str) -> ClaimNumbers:
    name = setting.removeprefix(MAP)
    ids: dict[Key, str | None] = {}
    known: dict[str, str] = {}
    try:
        with Path(name).open(encoding="utf-8-sig", newline="") as file:
            for row in _rows(file, shown(name)):
                claim_id = row[_CLAIM_ID]
                key = (row[_NPI], row[_CLM01], row.get(_FREQUENCY, ""))
                ids[key] = claim_id if ids.get(key, claim_id) == claim_id else None
                known[claim_id] = claim_id
                if number := row.get(_PAYER_NUMBER, ""):
                    known.setdefault(number, claim_id)
    except OSError as error:
        raise InputError(f"{shown(name)}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{shown(name)}: is no CSV in UTF-8") from error
    return ClaimNumbers(setting, ids, known)


def _rows(file: Iterator[str], name: str) -> Iterator[dict[str, str]]:
    """The rows of a map, blanks stripped."""
    reader = csv.DictReader(file)
    missing = [each for each in _NEEDED if each not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"{name}: line 1: the columns {', '.join(missing)} are missing")
    for row in reader:
        values = {column: (text or "").strip() for column, text in row.items() if isinstance(column, str)}
        if not all(values[column] for column in _NEEDED):
            raise InputError(f"{name}: line {reader.line_num}: {', '.join(_NEEDED)} must all be given")
        if len(values[_CLAIM_ID]) > LONGEST:
            raise InputError(f"{name}: line {reader.line_num}: claim_id is longer than {LONGEST} characters")
        yield values
