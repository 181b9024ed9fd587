"""Backtests that several tests look at, made once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streams.generate import ERROR_KINDS
from tests.streams.report.backtest_folder import backtest, generated, policy_with


def _draft(text: str) -> str:
    """A policy with changes of every kind: it adds, removes and changes edits."""
    for old, new in (
        ('version = "2.0"\ntitle', 'version = "2.1 draft"\ntitle'),
        ('[rules.noc_per_diem]\ndisposition = "inform"', '[rules.noc_per_diem]\ndisposition = "review"'),
        ('core = "deny"\n', 'core = "review"\n'),
        ('therapies = ["catheter_care"]', 'therapies = ["anti_infective"]'),
        ('"S9366", "S9367", "S9368"]', '"S9366"]'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def _milder(codes: str) -> str:
    """The code table with a milder S9500."""
    changed, count = re.subn(r"(?m)^(S9500,.*)missing_drug=deny", r"\1missing_drug=review", codes)
    assert count == 1
    return changed


@pytest.fixture(scope="session")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a draft held against the built-in policy, over lines with many errors."""
    root = tmp_path_factory.mktemp("draft")
    events = generated(25, seed=3, days=90, error_rates=dict.fromkeys(ERROR_KINDS, 0.12))
    candidate = policy_with(root / "candidate", _draft, _milder)
    return backtest(root / "result", events, candidate, policy_with(root / "reference"), "--sample", "2")


@pytest.fixture(scope="session")
def same(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a policy held against itself."""
    root = tmp_path_factory.mktemp("same")
    return backtest(root / "result", generated(3), policy_with(root / "one"), policy_with(root / "other"))
