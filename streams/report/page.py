"""`report.html` of a backtest: what changes if policy A replaces policy B, on one page that needs no network.

The page holds its style, its script and its plots. Its content security policy lets it load nothing, so it
tells nobody that it is read. Everything on it is in the Parquet files beside it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from policy.document import Policy
from policy.load import load_readings
from policy.sections import Reading
from streams.explain.calendar import SYMBOLS
from streams.files import InputError
from streams.replay.job import kept_policy
from streams.replay.manifest import Manifest
from streams.report.change import Change
from streams.report.ids import DIGITS, Ids
from streams.report.numbers import NO_EDIT, OUTCOMES, Claims, Move, Numbers
from streams.report.plots import by_month, waterfall
from streams.report.policies import changes_between, concerned
from streams.report.samples import read_samples
from streams.report.tables import figures_table, flipped, matrix, moves_in_words
from streams.report.wording import counted, dollars, signed

REPORT: Final = "report.html"

MOST_CHANGES: Final = 300
"""Differences between the policies on the page; the rest is counted."""

_FEW: Final = 5
"""Input files that are named."""

_POLICIES: Final = "policies"
_STATES: Final = (NO_EDIT, "inform", "review", "return", "deny")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two policies.

    Attributes:
        letter: A for the candidate, B for the reference.
        name: its id and version.
        told: what the backtest says of it: edits, claims, fingerprint, hash.
        policy: itself; None where there is none to read (what a live worker published, say).
    """

    letter: str
    name: str
    told: Mapping[str, Any]
    policy: Policy | None


def write_report(folder: Path, *, show_ids: bool = False) -> None:
    """Write `report.html` into a backtest's folder of results.

    Args:
        folder: what `dripline backtest` leaves, the tables, `sample.json`, `result.json` and the policies.
        show_ids: write the ids of claims and providers as they are. Left out: as short hashes.

    Raises:
        InputError: a kept policy is not what it was.
        PolicyError: it cannot be used.
        OSError: a file is missing, or the page cannot be written.
    """
    html = page(folder, Ids(show_ids))
    part = folder / f".{REPORT}.part"
    part.write_text(html, "utf-8")
    part.replace(folder / REPORT)


def page(folder: Path, ids: Ids) -> str:
    """The page of a backtest's results as HTML."""
    result = json.loads((folder / "result.json").read_text("utf-8"))
    after, before = _sides(folder, result["sides"])
    with Numbers(folder) as numbers:
        content = _figures(numbers, (before, after), ids)
    changes, readings = _policies(folder, before.policy, after.policy, ids)
    samples, sampled = read_samples(folder, after.policy or before.policy, ids)
    template = _environment().get_template("page.html.j2")
    return template.render(
        content,
        result=result,
        before=before,
        after=after,
        changes=changes,
        readings=readings,
        samples=samples,
        sampled=sampled,
        symbols=SYMBOLS,
        most_changes=MOST_CHANGES,
        range=_range(result["range"]),
        show_ids=ids.shown,
        digits=DIGITS,
        **_inlined(),
    )


def _range(stored: Mapping[str, Any]) -> str:
    """What was read, in a few words."""
    manifest = Manifest.of_json(stored)
    records = counted(manifest.records, "record")
    if manifest.files:
        names = ", ".join(Path(name).name for name in manifest.names[:_FEW])
        more = f" and {len(manifest.names) - _FEW} more" if len(manifest.names) > _FEW else ""
        return f"{records} of {names}{more}"
    return f"{records} of {counted(len(manifest.spans), 'partition')} of the topic {manifest.topic}"


def _sides(folder: Path, told: Mapping[str, Mapping[str, Any]]) -> tuple[Side, Side]:
    """The candidate and the reference; where both have one name, their fingerprints tell them apart."""
    names = {name: _name(told[name]) for name in ("policy", "against")}
    if len(set(names.values())) == 1:
        prints = {name: str(told[name].get("fingerprint") or "")[:8] for name in names}
        names = {name: f"{names[name]} ({prints[name]})" for name in names}
    return (
        Side("A", names["policy"], told["policy"], _policy(folder, "policy")),
        Side("B", names["against"], told["against"], _policy(folder, "against")),
    )


def _name(told: Mapping[str, Any]) -> str:
    parts = (told.get("policy_id"), told.get("policy_version"))
    return " ".join(filter(None, parts)) or "what the live topics say"


def _policy(folder: Path, side: Literal["policy", "against"]) -> Policy | None:
    try:
        return kept_policy(folder, side)
    except InputError:  # of what the live topics say no policy is kept
        return None


def _figures(numbers: Numbers, sides: tuple[Side, Side], ids: Ids) -> dict[str, Any]:
    """Everything on the page that is counted."""
    providers = [replace(row, name=ids.provider(row.name or "")) for row in numbers.by("provider")]
    total, rules, months = numbers.total(), numbers.by("rule"), numbers.by("month")
    shifts, moves = numbers.shifts(), numbers.moves()
    claims = numbers.claims("against"), numbers.claims("policy")
    verdicts = numbers.flips()
    identical = not total.differs and not verdicts
    plots = [f"{side.letter}: {side.name}" for side in sides]
    names = plots[0], plots[1]
    return {
        "total": total,
        "identical": identical,
        "verdicts": verdicts,
        "headline": _headline(*claims, moves),
        "claims": claims,
        "flips": flipped(moves),
        "flipping": sum(move.count for move in flipped(moves)),
        "denied": [
            sum((getattr(move, side) for move in moves if getattr(move, state) == "deny"), Decimal(0))
            for side, state in (("amount_before", "before"), ("amount_after", "after"))
        ],
        "waterfall": Markup(waterfall(rules, total, names)),  # noqa: S704 - made here of names that Vega escapes
        "by_rule": figures_table("Dollars held by edits, by rule.", "Rule", rules, total),
        "shifts": matrix("Edits by their disposition under B (rows) and under A (columns).", shifts, _STATES),
        "outcomes": matrix("Claims by their outcome under B (rows) and under A (columns).", moves, OUTCOMES),
        "months": Markup("" if identical else by_month(months, names)),  # noqa: S704 - the same
        "by_month": figures_table(
            "Dollars held by edits, by month of the first date.", "Month", months, total
        ),
        "by_plan": figures_table(
            "Dollars held by edits, by plan.", "Plan", numbers.by("plan"), total, "no plan"
        ),
        "by_provider": figures_table(
            "Dollars held by edits, by billing provider.", "Provider", providers, total
        ),
    }


def _headline(before: Claims, after: Claims, moves: Sequence[Move]) -> str:
    """What changes, in a sentence or two."""
    delta = after.affected - before.affected
    more = "more" if delta > 0 else "less"
    money = (
        f"Policy A holds {dollars(abs(delta))} {more} than policy B"
        if delta
        else "Policy A holds as many dollars as policy B"
    )
    flips = flipped(moves)
    if not flips:
        return f"{money}. No claim gets another outcome."
    count = sum(move.count for move in flips)
    named = f"{counted(count, 'claim')} of {before.count:,} get another outcome"
    return f"{money}. {named}: {moves_in_words(flips)}."


def _policies(
    folder: Path, before: Policy | None, after: Policy | None, ids: Ids
) -> tuple[list[Change] | None, list[Reading]]:
    """What differs between the policies, and the readings that it is about; None where one cannot be read."""
    if before is None or after is None:
        return None, []
    changes = changes_between(before, after, ids)
    return changes, concerned(changes, load_readings(folder / _POLICIES / "policy"))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("streams.report", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "dollars": dollars,
        "signed": signed,
        "counted": counted,
        "breakable": _breakable,
    }
    return environment


def _breakable(text: str) -> Markup:
    """A name that may be broken behind its underlines and points."""
    return Markup(re.sub(r"([_.:])(?=\w)", r"\1<wbr>", str(escape(text))))  # noqa: S704 - escaped


def _inlined() -> dict[str, Markup]:
    """The style and the script, and the hash by which the page's content security policy knows the script."""
    template = Path(__file__).parent / "template"
    style = (template / "style.css").read_text("utf-8")
    script = (template / "sort.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {
        "style": Markup(style),  # noqa: S704 - files of the product
        "script": Markup(script),  # noqa: S704
        "script_hash": Markup(f"sha256-{digest}"),  # noqa: S704
    }
