"""How the two sides of a backtest differ: edits added, removed and changed, and verdicts that flip.

Member by member, as they are judged: nothing is held but the claims drawn for the sample. Amounts are US
dollars; a month is that of the first date in question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

from models.claim_line import ClaimLine
from policy.document import Policy
from streams.backtest.live import live_content
from streams.backtest.sample import Sample
from streams.replay.comparable import EDIT_FIELDS
from streams.replay.job import Job
from streams.replay.manifest import Unit
from streams.replay.outcome import Outcome
from streams.summary import cents

Kind = Literal["added", "removed", "changed"]
Content = Mapping[str, Any]
"""A publication by its fields."""
EditKey = tuple[str, int, str]
"""A claim, a line number, a rule: the edits of a member, whatever a policy's id."""

COMPARED: Final = EDIT_FIELDS[4:]
_VERDICT: Final = (
    "status",
    "disposition",
    "open_edits",
    "charge_total",
    "amount_affected",
    "lines_seen",
    "line_count",
)


class Comparison:
    """Compares the sides of one piece of work, a member at a time.

    Args:
        job: the backtest.
        unit: the piece of work.
        policies: of both sides, or of the one that is held against what is published.
    """

    def __init__(self, job: Job, unit: Unit, policies: Sequence[Policy]) -> None:
        self._live = live_content(job, unit) if job.against == "live" else {}
        self._sample = Sample(job.sample, job.seed, policies[0])

    def compare(
        self,
        member_id: str,
        mine: Iterable[Content],
        theirs: Iterable[Content] | None,
        lines: Callable[[], Sequence[ClaimLine]],
        outcome: Outcome,
    ) -> None:
        """Tell `outcome` how the sides differ on one member.

        Args:
            member_id: the member.
            mine: what the policy that is tried comes to.
            theirs: the other policy's; None where it is what is published.
            lines: gives the member's claim lines, which few members are asked for.
            outcome: where differences go.
        """
        my_edits, my_verdicts = _sorted(mine)
        if theirs is None:
            # Of the topics, the claims alone that lie in the range.
            theirs = [each for each in self._live.get(member_id, ()) if each["claim_id"] in my_verdicts]
            outcome.stands("against", theirs)
        their_edits, their_verdicts = _sorted(theirs)
        differing: dict[str, set[tuple[str, Kind]]] = defaultdict(set)
        for key in sorted({*my_edits, *their_edits}) if my_edits != their_edits else ():
            one, other = my_edits.get(key), their_edits.get(key)
            found = _difference(one, other)
            if found is not None:
                kind, what = found
                _tell(outcome, kind, what, one, other)
                differing[key[0]].add((key[2], kind))
        if my_verdicts != their_verdicts:
            for claim_id in sorted({*my_verdicts, *their_verdicts}):
                one, other = my_verdicts.get(claim_id), their_verdicts.get(claim_id)
                if _flips(one, other):
                    outcome.figures.counts["flips"] += 1
                    outcome.row("flips", _flip(one, other, [x for x in lines() if x.claim_id == claim_id]))
        for claim_id, strata in differing.items():
            self._sample.offer(
                claim_id,
                member_id,
                strata,
                (my_verdicts.get(claim_id), their_verdicts.get(claim_id)),
                (_of(my_edits, claim_id), _of(their_edits, claim_id)),
                lines(),
            )

    def drawn(self) -> list[dict[str, Any]]:
        """The claims drawn for the sample, each with what it was drawn by."""
        return self._sample.drawn()


def _sorted(contents: Iterable[Content]) -> tuple[dict[EditKey, Content], dict[str, Content]]:
    """Open edits and verdicts, by their keys."""
    edits: dict[EditKey, Content] = {}
    verdicts: dict[str, Content] = {}
    for content in contents:
        if "rule" not in content:
            verdicts[content["claim_id"]] = content
        elif content["status"] == "open":
            edits[content["claim_id"], content["line_number"], content["rule"]] = content
    return edits, verdicts


def _of(edits: Mapping[EditKey, Content], claim_id: str) -> list[Content]:
    return [edit for key, edit in sorted(edits.items()) if key[0] == claim_id]


def _difference(one: Content | None, other: Content | None) -> tuple[Kind, list[str]] | None:
    """How two edits on one line by one rule differ, and in what; None where they do not."""
    if one is None or other is None:
        return ("removed" if one is None else "added"), []
    what = [name for name in COMPARED if _plain(one[name]) != _plain(other[name])]
    return ("changed", what) if what else None


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field of an edit
    """Lists and tuples alike: what comes from JSON has lists."""
    return list(value) if isinstance(value, tuple) else value


def _tell(outcome: Outcome, kind: Kind, what: list[str], one: Content | None, other: Content | None) -> None:
    edit = one or other
    assert edit is not None  # noqa: S101 - one of the two is there
    counts = outcome.figures.counts
    counts[kind] += 1
    if kind != "changed":
        counts[f"{kind}_cents"] += cents(edit["amount_affected"])
    row = {name: edit[name] for name in _SHARED}
    row |= {"kind": kind, "section": edit["policy"]["section"], "month": edit["dates"][0][:7], "what": what}
    for side, content in (("policy", one), ("against", other)):
        if content is not None:
            row |= {
                f"disposition_{side}": content["disposition"],
                f"amount_{side}": content["amount_affected"],
                f"units_{side}": content["units_affected"],
                f"dates_{side}": content["dates"],
            }
    outcome.row("differences", row)


_SHARED: Final = (
    *("edit_id", "rule", "claim_id", "line_number", "member_id", "billing_provider_npi", "plan_id"),
    "procedure_code",
)


def _flips(one: Content | None, other: Content | None) -> bool:
    """Whether a claim's verdicts differ; ids of edits do not count, which differ with a policy's id."""
    if one is None or other is None:
        return True
    return any(one[name] != other[name] for name in _VERDICT) or _lines(one) != _lines(other)


def _lines(verdict: Content) -> list[tuple[int, str, str]]:
    return [(each["line_number"], each["disposition"], each["amount_affected"]) for each in verdict["lines"]]


def _flip(one: Content | None, other: Content | None, lines: Sequence[ClaimLine]) -> dict[str, Any]:
    verdict = one or other
    assert verdict is not None  # noqa: S101 - one of the two is there
    row = {name: verdict[name] for name in ("claim_id", "member_id", "charge_total")}
    if lines:
        first = min(lines, key=lambda line: line.line_number)
        row |= {"billing_provider_npi": first.npi, "plan_id": first.plan_id}
        row["month"] = date.fromordinal(min(line.first for line in lines)).isoformat()[:7]
    for side, content in (("policy", one), ("against", other)):
        if content is not None:
            row |= {
                f"status_{side}": content["status"],
                f"disposition_{side}": content["disposition"],
                f"amount_{side}": content["amount_affected"],
            }
    return row
