"""The small sections of policy.toml: identity, settings, modifiers, sources, readings.

Source: screening specification, sections 1, 3, 4.1 and 5 (settings and modifiers).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

from models.duration import parse_duration
from policy.document import Modifiers
from policy.errors import quoted
from policy.fields import MOST, WORD, Fields

_MODIFIER: Final = re.compile(r"[A-Z0-9]{2}")
_PLACE: Final = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)+|[A-Za-z0-9_\-]+\.csv:[a-z_]+")


@dataclass(frozen=True, slots=True)
class Identity:
    """`[policy]`: which version this is and which service dates it governs (inclusive)."""

    policy_id: str
    version: str
    title: str
    effective_from: date
    effective_to: date


@dataclass(frozen=True, slots=True)
class Settings:
    """`[settings]`: `settle_after` in microseconds of event time, the others in days."""

    settle_after: int
    history_days: int
    retention_days: int
    forget_after_days: int


@dataclass(frozen=True, slots=True)
class Sources:
    """`[sources]`: what rows and rules may cite.

    Attributes:
        citations: the citation behind each key.
        sections: all sections that are named.
        missing: the table is missing, which is reported once and not again at every citation.
    """

    citations: Mapping[str, str]
    sections: Collection[str]
    missing: bool = False

    def citation(self, key: str) -> str:
        """The citation behind a key, blank where the key is not explained."""
        return self.citations.get(key, "")

    def explain(self, key: str) -> bool:
        """Whether a key may be cited."""
        return self.missing or key in self.citations

    def read_section(self, fields: Fields) -> str:
        """The section that a table rests on: one of those named here."""
        section = fields.text("section")
        if section and section not in self.sections and not self.missing:
            fields.fault("section", f"{quoted(section)} is the section of no entry of [sources]")
        return section


@dataclass(frozen=True, slots=True)
class Reading:
    """What the policy leaves open and how it is read (`[[readings]]`), for documentation.

    Attributes:
        key: a short name.
        question: what the policy leaves open.
        reading: the answer taken.
        because: why.
        otherwise: what the other answer would change.
        section: the section of the policy it concerns.
        set_in: the keys (`rules.x.y`) and columns (`table.csv:column`) that hold the reading.
    """

    key: str
    question: str
    reading: str
    because: str
    otherwise: str
    section: str
    set_in: tuple[str, ...]


def read_identity(fields: Fields) -> Identity:
    """`[policy]`. An end that is not given is the last day of the calendar."""
    fields.text("payer")
    first = fields.day("effective_from")
    last = fields.day("effective_to") if fields.has("effective_to") else date.max
    identity = Identity(fields.text("id"), fields.text("version"), fields.text("title"), first, last)
    if fields.has("effective_from") and last < first:
        fields.fault("effective_to", "the period ends before it begins")
    fields.close()
    return identity


def read_settings(fields: Fields) -> Settings:
    """`[settings]`."""
    settings = Settings(
        _duration(fields, "settle_after"),
        fields.integer("history_days", 1, MOST),
        fields.integer("retention_days", 1, MOST),
        fields.integer("forget_after_days", 0, MOST),
    )
    fields.close()
    return settings


def _duration(fields: Fields, key: str) -> int:
    """A duration longer than nothing, in microseconds."""
    text = fields.value(key, str, 'a duration in quotes, as in "15m"')
    if text is None:
        return 0
    try:
        found = parse_duration(text)
    except ValueError as error:
        fields.fault(key, str(error))
        return 0
    if found == 0:
        fields.fault(key, "must be longer than nothing")
    return found


def read_modifiers(fields: Fields) -> Modifiers:
    """`[modifiers]`: three lists that share no modifier."""
    names = ("discarded", "second", "third")
    found = {name: fields.texts(name, _MODIFIER, "a modifier of two letters or digits") for name in names}
    for one, other in combinations(names, 2):
        for modifier in set(found[one]) & set(found[other]):
            fields.fault(other, f"{modifier} is listed under {one} too")
    fields.close()
    return Modifiers(**{name: frozenset(modifiers) for name, modifiers in found.items()})


def read_sources(fields: Fields) -> Sources:
    """`[sources]`: a table for every key that rows cite."""
    citations: dict[str, str] = {}
    sections: set[str] = set()
    for key in fields.table:
        inner = fields.inner(key)
        if not WORD.fullmatch(key):
            fields.fault(key, f"{quoted(key)} is not a word of small letters, digits and underscores")
        document, section, _ = inner.text("document"), inner.text("section"), inner.text("note")
        version = " " + inner.text("version") if inner.has("version") else ""
        inner.close()
        citations[key] = f"{document}{version}, {section}"
        sections.add(section)
    return Sources(citations, sections, missing=fields.muted)


def read_readings(entries: Iterable[Fields], sources: Sources) -> tuple[Reading, ...]:
    """`[[readings]]`, in the order of the file."""
    readings: list[Reading] = []
    for fields in entries:
        key = fields.text("key", WORD, "a word of small letters, digits and underscores")
        if key and any(key == before.key for before in readings):
            fields.fault("key", f"{quoted(key)} is the key of another reading")
        reading = Reading(
            key=key,
            question=fields.text("question"),
            reading=fields.text("reading"),
            because=fields.text("because"),
            otherwise=fields.text("otherwise"),
            section=sources.read_section(fields),
            set_in=fields.texts("set_in", _PLACE, "a dotted key or table.csv:column"),
        )
        readings.append(reading)
        fields.close()
    return tuple(readings)
