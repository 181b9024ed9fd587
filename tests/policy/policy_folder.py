"""A small copy of the built-in policy to be broken: its policy file whole, its tables cut to a few rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import pytest

from policy.errors import PolicyError, Problem
from policy.load import BUILT_IN, load_policy

TOML = "policy.toml"
CODES = "code_roles.csv"
SUPPLIES = "supply_ranges.csv"
DRUGS = "drug_ranges.csv"

Files = Mapping[str, str]
"""The text of every file of a policy folder by its name."""


@lru_cache
def small() -> Files:
    """All per diems, visits and flushes, and three codes of every other role; the ranges whole."""
    names = (TOML, CODES, SUPPLIES, DRUGS)
    files = {name: (BUILT_IN / name).read_text() for name in names}
    header, *rows = files[CODES].splitlines()
    seen: Counter[str] = Counter()
    kept = [header]
    for row in rows:
        role = next(csv.reader(io.StringIO(row)))[1]
        seen[role] += 1
        if role in {"per_diem", "visit", "flush"} or seen[role] <= 3:
            kept.append(row)
    return files | {CODES: "\n".join(kept) + "\n"}


def edited(name: str, old: str, new: str) -> dict[str, str]:
    """The small policy with one place of one file changed; the place must be there once."""
    assert small()[name].count(old) == 1, (name, old)
    return dict(small()) | {name: small()[name].replace(old, new)}


def write(folder: Path, files: Files) -> Path:
    """Write a policy folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def problems(folder: Path, exemptions: Path | None = None) -> list[Problem]:
    """What is wrong with a folder; something must be."""
    with pytest.raises(PolicyError) as caught:
        load_policy(folder, exemptions=exemptions)
    return list(caught.value.problems)


def row_of(text: str, part: str) -> int:
    """The line on which a part of a text begins, 1 = first; the part must be there once."""
    assert text.count(part) == 1, part
    return text.count("\n", 0, text.index(part)) + 1
