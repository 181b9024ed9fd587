"""Laws of backtests: a change of a policy shows exactly its effect, and no change none."""

from __future__ import annotations

import json
import random
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from policy.load import BUILT_IN
from streams.replay.job import kept_policy
from tests.oracle import random_events
from tests.streams.replays import dripline
from tests.streams.test_replay import NOW, generated, invoke, written
from tests.support import Event, claim_line

Row = dict[str, Any]


def changed_policy(folder: Path, file: str, before: str, after: str) -> Path:
    """The built-in policy with one text in one file changed."""
    place = folder / "changed"
    shutil.copytree(BUILT_IN, place)
    text = (place / file).read_text("utf-8")
    assert text.count(before) == 1
    (place / file).write_text(text.replace(before, after), "utf-8")
    return place


def backtest(folder: Path, file: Path, policy: Path | str, *options: str) -> tuple[Row, list[Row], list[Row]]:
    """Hold a policy against the built-in one: the result, the differences, the flips."""
    out = folder / f"out{len(list(folder.iterdir()))}"
    result = invoke(
        *("backtest", file, "--policy", policy, "--against", "built-in", "--out", out, "--now", NOW), *options
    )
    differences, flips = (
        pq.read_table(out / f"{name}.parquet").to_pylist() for name in ("differences", "flips")
    )
    return result, differences, flips


def events(*lines: Event) -> list[bytes]:
    """Events as lines of a file."""
    return [json.dumps(line).encode() for line in lines]


def infused(claim: str, drug_day: str, member_id: str = "M-1") -> list[Event]:
    """A per diem of one day, and a drug on a day."""
    return [
        claim_line(claim, 1, "S9500", "2024-03-10", line_count=2, member_id=member_id),
        claim_line(claim, 2, "J0696", drug_day, line_count=2, member_id=member_id),
    ]


def seen(rows: list[Row]) -> list[tuple[Any, ...]]:
    """Of differences, what is told apart here."""
    return sorted((row["kind"], row["claim_id"], row["rule"], tuple(row["what"])) for row in rows)


def test_what_was_fixed_is_not_taken_again(tmp_path: Path) -> None:
    """Resuming refuses the policies and the sample by name, and takes what says how the report is shown."""
    backtest(tmp_path, written(tmp_path, events(*infused("C1", "2024-03-10"))), "built-in")
    (folder,) = tmp_path.glob("out*")
    resumed = ("backtest", "--resume", folder)
    refused = dripline(*resumed, "--policy", "nowhere", "--sample", "3", "--against-exemptions", "none")
    assert refused.exit_code == 2
    assert "Error: --policy, --against-exemptions, --sample: fixed when the replay began" in refused.output
    assert dripline(*resumed, "--show-ids").exit_code == 0


def test_a_window_of_14_days_or_none(tmp_path: Path) -> None:
    """A drug of a week before is unclear by the one and absent by the other; no other claim is touched."""
    file = written(
        tmp_path, events(*infused("C1", "2024-03-03"), *infused("C2", "2024-03-10", member_id="M-2"))
    )
    policy = changed_policy(tmp_path, "policy.toml", "window_days = 14", "window_days = 0")
    result, differences, flips = backtest(tmp_path, file, policy)
    assert seen(differences) == [
        ("added", "C1", "per_diem_without_drug", ()),
        ("removed", "C1", "drug_dates_unclear", ()),
    ]
    (added,) = (row for row in differences if row["kind"] == "added")
    assert (added["disposition_policy"], added["disposition_against"]) == ("deny", None)
    assert (added["amount_policy"], added["amount_against"]) == (Decimal("100.00"), None)
    assert [day.isoformat() for day in added["dates_policy"]] == ["2024-03-10"]
    assert (added["month"], added["section"]) == ("2024-03", "Reimbursement Information")
    (flip,) = flips
    assert (flip["claim_id"], flip["disposition_policy"], flip["disposition_against"]) == (
        "C1",
        "deny",
        "review",
    )
    assert (flip["billing_provider_npi"], flip["charge_total"]) == ("1234567893", Decimal("200.00"))
    assert result["totals"] == {
        "added": 1,
        "removed": 1,
        "changed": 0,
        "flips": 1,
        "amount_added": "100.00",
        "amount_removed": "100.00",
        "amount_delta": "0.00",
        "amount_of_edits_delta": "0.00",
    }


def test_one_disposition(tmp_path: Path) -> None:
    """Where a rule denies instead of informing, its edits change in that alone, and dollars are affected."""
    visit = claim_line("C1", 1, "99601", "2024-03-10", line_count=1)
    file = written(tmp_path, events(visit, *infused("C2", "2024-03-10")))
    toml = (BUILT_IN / "policy.toml").read_text("utf-8")
    head = toml[toml.index("[rules.visit_without_professional]") :].splitlines()[:2]
    policy = changed_policy(tmp_path, "policy.toml", "\n".join(head), f'{head[0]}\ndisposition = "deny"')
    result, differences, flips = backtest(tmp_path, file, policy)
    assert seen(differences) == [("changed", "C1", "visit_without_professional", ("disposition",))]
    assert [(row["amount_policy"], row["amount_against"]) for row in flips] == [(Decimal(100), Decimal(0))]
    assert result["totals"]["amount_delta"] == "100.00"
    assert result["sides"]["policy"]["hash"] != result["sides"]["against"]["hash"]


def test_one_family(tmp_path: Path) -> None:
    """A drug that serves another therapy pairs its per diem no more; claims with other drugs stay."""
    row = next(
        line
        for line in (BUILT_IN / "code_roles.csv").read_text("utf-8").splitlines()
        if line.startswith("J0696,")
    )
    policy = changed_policy(
        tmp_path, "code_roles.csv", row, row.replace(",anti_infective,", ",hydration,", 1)
    )
    other = [
        claim_line("C2", n, code, "2024-03-10", line_count=2, member_id="M-2")
        for n, code in ((1, "S9500"), (2, "J2543"))
    ]
    file = written(tmp_path, events(*infused("C1", "2024-03-10"), *other))
    _, differences, flips = backtest(tmp_path, file, policy)
    assert seen(differences) == [("added", "C1", "drug_not_corresponding", ())]
    assert [row["claim_id"] for row in flips] == ["C1"]


@pytest.mark.slow
@pytest.mark.parametrize("processes", ["1", "3"])
def test_an_identical_policy_shows_nothing(tmp_path: Path, processes: str) -> None:
    """No difference, no flip, one hash, and that of a replay."""
    file = generated(tmp_path, 800)
    copy = tmp_path / "copy"
    shutil.copytree(BUILT_IN, copy)
    result, differences, flips = backtest(tmp_path, file, copy, "--processes", processes)
    assert (differences, flips) == ([], [])
    assert not any(float(each) for each in result["totals"].values())
    replay = invoke("replay", file, "--out", tmp_path / "replay", "--now", NOW)
    assert {side["hash"] for side in result["sides"].values()} == {replay["hash"]}


@pytest.mark.slow
def test_two_sides_are_two_replays(tmp_path: Path) -> None:
    """On random claims, each side has the hash and the edits that its policy has alone."""
    rng = random.Random(3)
    lines = [json.dumps(event).encode() for _ in range(8) for event in random_events(rng, 60)]
    file = written(tmp_path, lines)
    policy = changed_policy(tmp_path, "policy.toml", "window_days = 14", "window_days = 2")
    result, differences, _ = backtest(tmp_path, file, policy, "--processes", "2", "--sample", "2")
    for side, arguments in (("policy", ("--policy", policy)), ("against", ())):
        alone = invoke("replay", file, *arguments, "--out", tmp_path / side, "--now", NOW)
        assert result["sides"][side]["hash"] == alone["hash"]
        assert result["sides"][side]["edits"] == alone["sides"]["policy"]["edits"]
    edits = {
        side: {
            (row["claim_id"], row["line_number"], row["rule"], row["member_id"])
            for row in pq.read_table(tmp_path / side / "edits.parquet").to_pylist()
        }
        for side in ("policy", "against")
    }
    found = {
        kind: {
            (row["claim_id"], row["line_number"], row["rule"], row["member_id"])
            for row in differences
            if row["kind"] == kind
        }
        for kind in ("added", "removed", "changed")
    }
    assert found["added"] == edits["policy"] - edits["against"]
    assert found["removed"] == edits["against"] - edits["policy"]
    assert found["changed"] <= edits["against"] & edits["policy"]


def test_policies_that_accept_other_lines(tmp_path: Path) -> None:
    """A line that one policy alone accepts is judged by that one alone."""
    file = written(tmp_path, events(claim_line("C1", 1, "S9500", "2023-06-10", line_count=1)))
    policy = changed_policy(tmp_path, "policy.toml", "history_days = 400", "history_days = 200")
    result, differences, flips = backtest(tmp_path, file, policy)
    assert seen(differences) == [("removed", "C1", "per_diem_without_drug", ())]
    assert [(row["status_policy"], row["status_against"]) for row in flips] == [(None, "edited")]
    assert result["rejects"] == 1


def test_the_sample_is_drawn_by_its_seed(tmp_path: Path) -> None:
    """So many claims of each rule and kind, the same for one seed, with both verdicts and lines near by."""
    lines = [
        line for number in range(9) for line in infused(f"C{number}", "2024-03-03", member_id=f"M-{number}")
    ]
    beside = claim_line("D0", 1, "J2543", "2024-03-12", line_count=1, member_id="M-0")
    far = claim_line("E0", 1, "J2543", "2024-01-12", line_count=1, member_id="M-0")
    file = written(tmp_path, events(*lines, beside, far))
    policy = changed_policy(tmp_path, "policy.toml", "window_days = 14", "window_days = 0")
    drawn = []
    for number, (seed, size) in enumerate((("1", "2"), ("1", "2"), ("2", "2"), ("1", "9"))):
        out = tmp_path / f"o{number}"
        invoke(
            *("backtest", file, "--policy", policy, "--against", "built-in", "--out", out, "--now", NOW),
            *("--sample", size, "--seed", seed, "--processes", "1" if number else "2"),
        )
        drawn.append(json.loads((out / "sample.json").read_text("utf-8")))
    assert drawn[0] == drawn[1] != drawn[2]
    assert [len(each) for each in drawn] == [4, 4, 4, 18]
    (claim,) = (each for each in drawn[3] if each["claim_id"] == "C0" and each["stratum"].endswith(" added"))
    assert claim["stratum"] == "per_diem_without_drug added"
    assert claim["verdict_policy"]["disposition"] == "deny"
    assert claim["verdict_against"]["disposition"] == "review"
    assert [edit["rule"] for edit in claim["edits_policy"]] == ["per_diem_without_drug"]
    shown = [(line["claim_id"], line["role"], line["same_claim"]) for line in claim["lines"]]
    assert shown == [("C0", "per_diem", True), ("C0", "drug", True), ("D0", "drug", False)]


def test_both_policies_are_kept(tmp_path: Path) -> None:
    """With the exemptions of each side."""
    exempt = tmp_path / "exempt.json"
    exempt.write_text('[{"rule": "per_diem_without_drug"}]')
    none = tmp_path / "none.json"
    none.write_text("[]")
    file = written(tmp_path, events(claim_line("C1", 1, "S9500", "2024-03-10", line_count=1)))
    result, differences, _ = backtest(
        tmp_path, file, "built-in", "--exemptions", str(exempt), "--against-exemptions", str(none)
    )
    assert seen(differences) == [("removed", "C1", "per_diem_without_drug", ())]
    (out,) = tmp_path.glob("out*")
    for side in ("policy", "against"):
        assert kept_policy(out, side).fingerprint == result["sides"][side]["fingerprint"]
    assert (out / "policies" / "policy" / "exemptions.json").is_file()


@pytest.mark.parametrize("arguments", [("--policy", "built-in"), ("--against", "built-in"), ()])
def test_both_sides_are_asked_for(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A backtest without one of them is refused."""
    file = written(tmp_path, [b"{}"])
    done = dripline("backtest", file, *arguments, "--out", tmp_path / "out")
    assert done.exit_code == 2
