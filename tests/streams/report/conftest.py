"""Backtests that several tests look at, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.generate import ERROR_KINDS
from tests.streams.report.backtest_folder import backtest, generated, policy_with
from tests.streams.report.drafts import drafted, earlier, milder


@pytest.fixture(scope="session")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a draft held against an earlier policy, over lines with many errors."""
    root = tmp_path_factory.mktemp("draft")
    events = generated(25, seed=3, days=90, error_rates=dict.fromkeys(ERROR_KINDS, 0.12))
    candidate = policy_with(root / "candidate", drafted, milder)
    return backtest(
        root / "result", events, candidate, policy_with(root / "reference", earlier), "--sample", "2"
    )


@pytest.fixture(scope="session")
def same(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a policy held against itself."""
    root = tmp_path_factory.mktemp("same")
    return backtest(root / "result", generated(3), policy_with(root / "one"), policy_with(root / "other"))
