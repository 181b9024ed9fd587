"""The reference tables and the constants of the specification (sections 2 to 4)."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ANY = "*"
EFFECTIVE_FROM = date(2019, 3, 26)
FLUSH_NDC9 = {"003380049", "082900330", "082900380", "082903305", "082903065"}
DRUG_PREFIXES = ("C9", "J", "Q2", "Q5", "Q9", "S0")

# rule -> (how its units are counted, whether it is marked absence, group code, CARC, RARC)
RULES: dict[str, tuple[str, bool, str, str | None, str]] = {
    "units_exceed_days": ("fixed", False, "CO", "151", "N345"),
    "drug_on_other_claim": ("rest", True, "CO", "107", "N149"),
    "per_diem_for_flush": ("rest", True, "CO", "B15", "N674"),
    "drug_not_corresponding": ("rest", False, "CO", "107", "N674"),
    "drug_dates_unclear": ("rest", False, "CO", "107", "N345"),
    "per_diem_without_drug": ("rest", True, "CO", "B15", "N674"),
    "therapy_without_own_drug": ("days", False, "CO", "B15", "N674"),
    "units_implausible": ("fixed", False, "CO", "151", "N435"),
    "exclusive_per_diem": ("days", False, "CO", "231", "N20"),
    "conflicting_per_diem": ("days", False, "CO", "231", "N20"),
    "duplicate_per_diem": ("days", False, "OA", "18", "M86"),
    "concurrent_modifier": ("days", False, "CO", "4", "N822"),
    "modifier_without_primary": ("days", False, "CO", "4", "N519"),
    "catheter_care_in_per_diem": ("days", False, "CO", "97", "M15"),
    "noc_per_diem": ("days", False, "CO", "189", "N657"),
    "drug_without_per_diem": ("share", False, "CO", None, "N161"),
    "included_in_per_diem": ("share", False, "CO", "97", "M15"),
    "supply_never_payable": ("share", False, "CO", "234", "N390"),
    "solution_incidental": ("share", False, "CO", "97", "M15"),
    "formula_in_per_diem": ("share", False, "CO", "97", "M15"),
    "visit_addon_without_primary": ("share", True, "CO", "107", "N122"),
    "visit_without_professional": ("share", False, "CO", "16", "N290"),
}
GRAVITY = ["deny", "return", "review", "inform"]


@dataclass(frozen=True)
class Role:
    """What a line is: kind (per_diem, drug, ...), therapy families, details (a bare word maps to "")."""

    kind: str
    families: frozenset[str]
    detail: dict[str, str]


@dataclass(frozen=True)
class Range:
    """Codes of one letter and four digits, both ends included, with the role they have."""

    first: str
    last: str
    role: Role

    def holds(self, code: str) -> bool:
        """Tell whether the code has the same letter and a number within the ends."""
        if code[0] != self.first[0] or not (code[1:].isascii() and code[1:].isdigit()):
            return False
        return int(self.first[1:]) <= int(code[1:]) <= int(self.last[1:])


@dataclass(frozen=True)
class Tables:
    """The three reference tables: listed codes, supply ranges, drug ranges."""

    codes: dict[str, Role]
    supply_ranges: list[Range]
    drug_ranges: list[Range]


def _families(text: str) -> frozenset[str]:
    return frozenset(word for word in text.split("|") if word)


def _detail(text: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in text.split(";") if word)
    return {key: value for key, _, value in pairs}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_tables(folder: Path) -> Tables:
    """Read code_roles.csv, supply_ranges.csv and drug_ranges.csv of a folder; further columns are ignored."""
    codes = {
        row["code"]: Role(row["role"], _families(row["families"]), _detail(row["detail"]))
        for row in _rows(folder / "code_roles.csv")
    }
    supplies = [
        Range(
            row["from"],
            row["to"],
            Role("supply", _families(row["families"]), {"relation": row["relation"]}),
        )
        for row in _rows(folder / "supply_ranges.csv")
    ]
    unknown = Role("drug", frozenset({ANY}), {})
    drugs = [Range(row["from"], row["to"], unknown) for row in _rows(folder / "drug_ranges.csv")]
    return Tables(codes, supplies, drugs)
