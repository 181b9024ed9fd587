"""A backtest's result folder made of the engine itself: two policies over generated lines."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from models.claim_verdict import ClaimVerdict
from models.edit_event import EditEvent
from policy import PolicyEngine, load_policy
from policy.load import BUILT_IN
from policy.roles import role_of
from streams.generate import GenerateSettings, encode_line, generate_lines
from tests.support import Event, records

SIDES: Final = ("policy", "against")
MONEY: Final = pa.decimal128(18, 2)

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
    for name, path in zip(SIDES, (candidate, reference), strict=True):
        shutil.copytree(path, folder / "policies" / name)
    sides = {name: _judged(folder / "policies" / name, events) for name in SIDES}
    changes = _differences(sides)
    _write(folder / "differences.parquet", changes, _DIFFERENCES)
    _write(folder / "edits.parquet", [_edit(one, name) for name in SIDES for one in sides[name].edits.values()])
    _write(folder / "verdicts.parquet", [v | {"side": n} for n in SIDES for v in sides[n].verdicts.values()])
    (folder / "sample.json").write_text(json.dumps(_samples(sides, changes, events, folder, samples)))
    (folder / "result.json").write_text(json.dumps(_result(folder, sides, changes, events)))
    return folder


def _judged(policy: Path, events: Sequence[Event]) -> Side:
    engine = PolicyEngine(load_policy(policy), final=True)
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
            row[f"amount_{name}"] = edit and Decimal(edit["amount_affected"])
            row[f"units_{name}"] = edit and edit["units_affected"]
            row[f"dates_{name}"] = edit and [date.fromisoformat(day) for day in edit["dates"]]
        rows.append(row)
    return rows


_SHARED = ("rule", "claim_id", "member_id", "billing_provider_npi", "plan_id", "procedure_code")
_DIFFERENCES = pa.schema(
    [(name, pa.string()) for name in ("kind", "edit_id", "section", "month", *_SHARED)]
    + [("what", pa.list_(pa.string()))]
    + [
        (f"{field}_{name}", kind)
        for name in SIDES
        for field, kind in (
            ("disposition", pa.string()),
            ("amount", MONEY),
            ("units", pa.string()),
            ("dates", pa.list_(pa.date32())),
        )
    ]
)


def _edit(edit: Edit, side: str) -> dict[str, Any]:
    return {name: value for name, value in edit.items() if name != "cause"} | {
        "side": side,
        "dates": [date.fromisoformat(day) for day in edit["dates"]],
        "amount_affected": Decimal(edit["amount_affected"]),
    }


def _write(path: Path, rows: Sequence[Mapping[str, Any]], schema: pa.Schema | None = None) -> None:
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema or _schema(rows)), path)


def _schema(rows: Sequence[Mapping[str, Any]]) -> pa.Schema | None:
    """The columns of no rows: as strings, so that a reader finds them."""
    names = (*EditEvent.model_fields, *ClaimVerdict.model_fields, "side")
    return None if rows else pa.schema([(name, pa.string()) for name in dict.fromkeys(names)])


def _samples(
    sides: Mapping[str, Side], changes: Iterable[Mapping[str, Any]], events: Sequence[Event], folder: Path, most: int
) -> list[dict[str, Any]]:
    version = load_policy(folder / "policies" / "policy").versions[-1]
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
    folder: Path, sides: Mapping[str, Side], changes: Sequence[Mapping[str, Any]], events: Sequence[Event]
) -> dict[str, Any]:
    def total(kind: str) -> int:
        return sum(change["kind"] == kind for change in changes)

    told = {}
    for name in SIDES:
        policy = load_policy(folder / "policies" / name)
        amounts = [Decimal(edit["amount_affected"]) for edit in sides[name].edits.values()]
        told[name] = {
            "policy_id": policy.policy_id,
            "policy_version": policy.versions[-1].version,
            "fingerprint": policy.fingerprint,
            "edits": len(amounts),
            "claims": len(sides[name].verdicts),
            "amount_affected": str(sum(amounts, Decimal(0))),
            "hash": "0" * 64,
        }
    return {
        "sides": told,
        "totals": {kind: total(kind) for kind in ("added", "removed", "changed")},
        "lines": len(events),
        "members": len({event["member_id"] for event in events}),
        "range": "lines.jsonl",
        "seed": 1,
    }
