"""Backtests of two policies over generated lines, as the command runs them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from policy.load import BUILT_IN
from streams.cli import dripline
from streams.generate import GenerateSettings, encode_line, generate_lines
from tests.support import Event

Change = Callable[[str], str]


def policy_with(folder: Path, change: Change = lambda text: text, codes: Change = lambda text: text) -> Path:
    """A copy of the built-in policy in `folder`: its policy.toml and its code table changed."""
    shutil.copytree(BUILT_IN, folder)
    for name, changed in (("policy.toml", change), ("code_roles.csv", codes)):
        text = (folder / name).read_text("utf-8")
        (folder / name).write_text(changed(text), "utf-8")
    return folder


def generated(members: int, seed: int = 1, **settings: Any) -> list[Event]:  # noqa: ANN401 - of every type
    """Generated claim lines as JSON objects."""
    given = GenerateSettings(members=members, seed=seed, **settings)
    return [json.loads(encode_line(event)) for event in generate_lines(given)]


def backtest(folder: Path, events: Sequence[Event], candidate: Path, reference: Path, *options: str) -> Path:
    """The folder of results of a backtest over the events."""
    lines = folder.with_suffix(".jsonl")
    lines.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    policies = ["--policy", str(candidate), "--against", str(reference)]
    command = ["backtest", str(lines), *policies, "--out", str(folder), "--now", "2027-01-01", *options]
    result = CliRunner().invoke(dripline, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return folder
