"""What the tests of replays share: runs of the command, and the hash of what other drivers leave."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from streams.cli import dripline as command
from streams.replay.comparable import (
    Standing,
    edit_digest,
    reject_digest,
    result_hash,
    verdict_digest,
)


def dripline(*arguments: str | Path, **env: str) -> Result:
    """Run the command in this process, also beside a running event loop's thread."""
    return CliRunner(env=env).invoke(command, [str(each) for each in arguments])


def result_of(folder: Path, *arguments: str | Path, name: str = "replay", **env: str) -> dict[str, Any]:
    """Replay into a new folder; what its `result.json` says."""
    done = dripline(name, *arguments, "--out", folder, "--status", "none", **env)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads((folder / "result.json").read_text("utf-8"))
    return found


def screened(folder: Path, *arguments: str | Path) -> str:
    """The hash of what `dripline screen` leaves."""
    done = dripline("screen", *arguments, "--out", folder, "--quiet")
    assert done.exit_code == 0, done.output
    lines = {
        name: [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]
        for name in ("edits", "verdicts", "rejects")
    }
    raws = ((_raw(each), each["reasons"]) for each in lines["rejects"])
    return hash_of(lines["edits"], lines["verdicts"], raws)


def _raw(reject: Mapping[str, Any]) -> bytes:
    return str(reject["raw"]).encode() if "raw" in reject else base64.b64decode(reject["raw_base64"])


def hash_of(
    edits: Iterable[Mapping[str, Any]],
    verdicts: Iterable[Mapping[str, Any]],
    rejects: Iterable[tuple[bytes, Any]],
) -> str:
    """The hash of published edits, verdicts and rejects, of which the latest revisions count."""
    latest: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for kind, published in (("edit", edits), ("verdict", verdicts)):
        for each in published:
            key: tuple[str, ...] = kind, each["member_id"], each["claim_id"], each.get("edit_id", "")
            if key not in latest or each["revision"] >= latest[key]["revision"]:
                latest[key] = each
    standing = Standing()
    for key, each in latest.items():
        if key[0] == "verdict":
            standing.add_verdict(verdict_digest(each))
        elif each["status"] == "open":
            standing.add_edit(edit_digest(each))
    return result_hash(standing, [reject_digest(raw, reasons) for raw, reasons in rejects])
