"""A backtest's result folder made of the engine itself: two policies over generated lines."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from models.claim_verdict import ClaimVerdict
from models.edit_event import EditEvent
from policy import PolicyEngine
from policy.document import Policy
from policy.load import BUILT_IN
from policy.roles import role_of
from streams.generate import GenerateSettings, encode_line, generate_lines
from streams.replay import kept_policy
from streams.replay.job import Job, PolicyChoice, policies_of, prepare
from streams.replay.source_files import freeze_files
from streams.replay.tables import Table
from tests.support import Event, records

SIDES: Final = ("policy", "against")

Edit = dict[str, Any]


@dataclass
class Side:
    """What one policy says at the end, by edit id and by member and claim."""

    edits: dict[str, Edit]
    verdicts: dict[tuple[str, str], dict[str, Any]]


def policy_with(folder: Path, change: Callable[[str], str] = lambda text: text) -> Path:
    """A copy of the built-in policy in `folder`, its policy.toml changed."""
    shutil.copytree(BUILT_IN, folder)
    path = folder / "policy.toml"
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    return folder


def generated(members: int, seed: int = 1, **settings: Any) -> list[Event]:
    """Generated claim lines as JSON objects."""
    given = GenerateSettings(members=members, seed=seed, **settings)
    return [json.loads(encode_line(event)) for event in generate_lines(given)]


def backtest(folder: Path, events: Sequence[Event], candidate: Path, reference: Path, samples: int = 6) -> Path:
    """Write the results of a backtest of both policy folders over the events into `folder`."""
    lines = folder.with_suffix(".jsonl")
    lines.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    choices = {"policy": PolicyChoice(candidate), "against": PolicyChoice(reference)}
    job = prepare(folder, freeze_files([str(lines)], now=_NOW), "final", choices, against="policy")
    sides = dict(zip(SIDES, (_judged(policy, events) for policy in policies_of(job)), strict=True))
    changes = _differences(sides)
    _write(folder, "differences", changes)
    _write(folder, "edits", [e | {"side": n} for n in SIDES for e in sides[n].edits.values()])
    _write(folder, "verdicts", [v | {"side": n} for n in SIDES for v in sides[n].verdicts.values()])
    (folder / "sample.json").write_text(json.dumps(_samples(sides, changes, events, folder, samples)))
    (folder / "result.json").write_text(json.dumps(_result(job, sides, changes, events)))
    return folder


_NOW: Final = 4_102_444_800_000_000
"""2100."""


def _judged(policy: Policy, events: Sequence[Event]) -> Side:
    engine = PolicyEngine(policy, final=True)
    published = [*engine.receive_many(records(events)).publications, *engine.finish().publications]
    edits = {e.edit_id: e.model_dump(mode="json") for e in published if isinstance(e, EditEvent)}
    verdicts = [v.model_dump(mode="json") for v in published if isinstance(v, ClaimVerdict)]
    return Side(edits, {(v["member_id"], v["claim_id"]): v for v in verdicts})


def _differences(sides: Mapping[str, Side]) -> list[dict[str, Any]]:
    new, old = sides["policy"].edits, sides["against"].edits
    rows = []
    for key in sorted(new.keys() | old.keys()):
        mine, theirs = new.get(key), old.get(key)
        fields = ("dates", "units_affected", "disposition", "amount_affected")
        what = [f for f in fields if mine and theirs and mine[f] != theirs[f]]
        if mine and theirs and not what:
            continue
        known = mine or theirs
        assert known is not None
        kind = "changed" if what else "added" if mine else "removed"
        row = {"kind": kind, "edit_id": key, "section": known["policy"]["section"], "what": what}
        row |= {name: known[name] for name in _SHARED}
        row["month"] = min((mine or known)["dates"])[:7]
        for name, edit in zip(SIDES, (mine, theirs), strict=True):
            row[f"disposition_{name}"] = edit and edit["disposition"]
            row[f"amount_{name}"] = edit and edit["amount_affected"]
            row[f"units_{name}"] = edit and edit["units_affected"]
            row[f"dates_{name}"] = edit and edit["dates"]
        rows.append(row)
    return rows


_SHARED = ("rule", "claim_id", "member_id", "billing_provider_npi", "plan_id", "procedure_code")


def _write(folder: Path, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    made = Table(folder / f"{table}.parquet", table)
    for row in rows:
        made.add(row)
    made.close()


def _samples(
    sides: Mapping[str, Side], changes: Iterable[Mapping[str, Any]], events: Sequence[Event], folder: Path, most: int
) -> list[dict[str, Any]]:
    version = kept_policy(folder).versions[-1]
    kinds: dict[tuple[str, str], str] = {(c["member_id"], c["claim_id"]): f"{c['kind']}, {c['rule']}" for c in changes}
    chosen = random.Random(1).sample(sorted(kinds), min(most, len(kinds)))
    samples = []
    for member, claim in chosen:
        sample: dict[str, Any] = {"stratum": kinds[member, claim], "claim_id": claim, "member_id": member}
        for name in SIDES:
            sample[f"verdict_{name}"] = sides[name].verdicts.get((member, claim))
            sample[f"edits_{name}"] = [
                edit
                for edit in sides[name].edits.values()
                if (edit["member_id"], edit["claim_id"]) == (member, claim)
            ]
        sample["lines"] = [
            event
            | {
                "role": role_of(version, event["procedure_code"], event.get("ndc")).kind,
                "same_claim": event["claim_id"] == claim,
            }
            for event in events
            if event["member_id"] == member
        ]
        samples.append(sample)
    return samples


def _result(
    job: Job, sides: Mapping[str, Side], changes: Sequence[Mapping[str, Any]], events: Sequence[Event]
) -> dict[str, Any]:
    told = {}
    for kept in job.policies:
        side = sides[kept.side]
        told[kept.side] = {
            "policy_id": kept.policy_id,
            "policy_version": kept.policy_version,
            "fingerprint": kept.fingerprint,
            "edits": len(side.edits),
            "claims": len(side.verdicts),
            "amount_affected": str(sum((Decimal(e["amount_affected"]) for e in side.edits.values()), Decimal(0))),
            "hash": "",
        }
    kinds = Counter(change["kind"] for change in changes)
    return {
        "sides": told,
        "totals": {kind: kinds[kind] for kind in ("added", "removed", "changed")},
        "lines": len(events),
        "members": len({event["member_id"] for event in events}),
        "range": "lines.jsonl",
        "seed": 1,
    }
