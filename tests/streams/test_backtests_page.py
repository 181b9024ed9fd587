"""docs/backtests.md: its commands and queries run, in their order, and do what the page says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import duckdb
import pytest
import yaml

from streams.cli import dripline
from tests.deploy.manifests import of_kind, plain
from tests.deploy.stack import JOB

PAGE = (Path(__file__).parents[2] / "docs" / "backtests.md").read_text("utf-8")
SERVICE = of_kind(plain(), "Service")
COMMAND = f"{sys.executable} -m streams.cli"


def blocks(kind: str) -> list[str]:
    """The code of one kind, in its order."""
    return re.findall(rf"```{kind}\n(.+?)```", PAGE, re.DOTALL)


@pytest.mark.slow
def test_the_walk_through(tmp_path: Path) -> None:
    """Every command ends with 0; one rule's disposition changes and nothing else; every query has rows."""
    script = "set -e\n" + "".join(blocks("sh")).replace(".venv/bin/dripline", COMMAND)
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    totals = json.loads((tmp_path / "drill" / "result.json").read_text("utf-8"))["totals"]
    assert (totals["added"], totals["removed"], totals["amount_delta"]) == (0, 0, "0.00")
    assert totals["changed"] > 0 < totals["flips"]
    with duckdb.connect() as database:
        database.execute(f"SET file_search_path = '{tmp_path / 'drill'}'")
        database.execute((tmp_path / "drill" / "views.sql").read_text("utf-8"))
        queries = blocks("sql")
        assert len(queries) == 5
        for query in queries:
            assert database.sql(query).fetchall(), query
        changed = database.sql("SELECT DISTINCT rule, what FROM differences").fetchall()
    assert changed == [("drug_dates_unclear", ["disposition"])]
    nothing = json.loads((tmp_path / "nothing" / "result.json").read_text("utf-8"))
    assert not any(float(number) for number in nothing["totals"].values())
    assert nothing["sides"]["policy"]["hash"] == nothing["sides"]["against"]["hash"]


def test_replays_are_scraped_beside_the_workers() -> None:
    """Neither example gives replays the job of the workers, or the label that their monitor selects."""
    static, monitor = map(yaml.safe_load, blocks("yaml"))
    (scraped,) = static["scrape_configs"]
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    (relabeling,) = endpoint["relabelings"]
    assert scraped["job_name"] == relabeling["replacement"] != JOB
    (target,) = scraped["static_configs"][0]["targets"]
    assert f"--metrics-port {target.rpartition(':')[2]} " in PAGE
    assert endpoint["port"] in {port["name"] for port in SERVICE["spec"]["ports"]}
    chosen = monitor["spec"]["selector"]["matchLabels"].items()
    assert not chosen <= SERVICE["metadata"]["labels"].items()


def test_the_commands_for_the_topic_are_options_that_exist() -> None:
    """What cannot run without a broker is at least said in options that the commands take."""
    for line in re.findall(r"^dripline (.+)$", "".join(blocks("text")), re.MULTILINE):
        name, *arguments = line.split()
        command = dripline.get_command(click.Context(dripline), name)
        assert command
        known = {option for each in command.params for option in each.opts}
        assert {each for each in arguments if each.startswith("--")} <= known
