"""Laws of the dashboards as files, and of what comes of each of their queries."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from deploy.grafana.__main__ import FOLDER, dashboards, main
from deploy.grafana.ask import QueryError, View
from deploy.grafana.board import COLUMNS
from deploy.grafana.panels import Json
from streams.generate import GenerateSettings, generate_records
from streams.metrics.declared import METRICS
from streams.metrics.replay import REPLAY_METRICS
from tests.deploy.alert_files import RECORDED
from tests.deploy.past import last_weeks
from tests.deploy.plant import Plant, plant
from tests.deploy.stack import EVERY, RECORDING, RunningPrometheus, needs_prometheus, remembering, scraping
from tests.kafka.live import free_port

BOARDS: dict[str, Json] = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
NAMES = ("overview", "decisions", "internals", "replays")
LIVE = ("overview", "decisions", "internals")
KINDS = {"row", "stat", "timeseries", "bargauge", "table", "state-timeline"}
UNITS = {"none", "short", "s", "bytes", "percentunit", "currencyUSD", "suffix: /s"}
WEEK = "offset 1w"
MOST_SERIES = 2_000
"""Of a worker with 16 partitions."""
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?=\{)")
"""A metric in a query: ours always have a selector."""

each_board = pytest.mark.parametrize("name", NAMES)


def panels(board: Json) -> list[Json]:
    """All panels that show something."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries(board: Json) -> Iterator[str]:
    """All queries, those of the variables included."""
    for panel in panels(board):
        yield from (target["expr"] for target in panel["targets"])
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"]["query"]


def known() -> set[str]:
    """The names under which declared metrics have series, those of the process, and what rules record."""
    names = {
        "up",
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "python_gc_collections_total",
    }
    names |= set(RECORDED)
    for metric in (*METRICS, *REPLAY_METRICS):
        parts = ("_bucket", "_count", "_sum") if metric.kind == "histogram" else ("",)
        names |= {metric.full_name + part for part in parts}
    return names


def test_the_files_are_what_the_code_writes(tmp_path: Path) -> None:
    """Nothing is out of step; a file that is missing, changed or left over is named and put right."""
    assert set(BOARDS) == set(NAMES)
    assert main(["--check"]) == 0
    assert main(["--check"], tmp_path) == 1
    assert main([], tmp_path) == 0
    (tmp_path / "overview.json").write_text("{}")
    (tmp_path / "old.json").write_text("{}")
    assert main(["--check"], tmp_path) == 1
    assert main([], tmp_path) == 0
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dashboards()


@each_board
def test_ids_are_of_one_panel(name: str) -> None:
    """No two panels share an id, no two queries of a panel a letter, no two dashboards a uid."""
    ids = [panel["id"] for panel in BOARDS[name]["panels"]]
    assert len(ids) == len(set(ids))
    for panel in panels(BOARDS[name]):
        letters = [target["refId"] for target in panel["targets"]]
        assert len(letters) == len(set(letters)) > 0
    assert len({board["uid"] for board in BOARDS.values()}) == len(BOARDS)


@each_board
def test_panels_do_not_overlap(name: str) -> None:
    """Each lies within the grid and beside the others, and the grid has no hole."""
    places = [panel["gridPos"] for panel in BOARDS[name]["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    height = max(y for _, y in cells) + 1
    assert sorted(cells) == sorted(itertools.product(range(COLUMNS), range(height)))


@each_board
def test_panels_say_what_they_are(name: str) -> None:
    """Each has a title of its own, a description in sentences, a kind and a unit that are known."""
    shown = panels(BOARDS[name])
    titles = [panel["title"] for panel in shown]
    assert len(set(titles)) == len(titles)
    for panel in shown:
        assert panel["type"] in KINDS
        assert len(panel["description"]) > len(panel["title"])
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert panel["datasource"]["uid"] == "${datasource}"
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])


@each_board
def test_thresholds_ascend(name: str) -> None:
    """The first step of each judgement is for everything below the second, and values ascend."""
    for panel in panels(BOARDS[name]):
        steps = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
        assert steps[0] is None
        assert steps[1:] == sorted(set(steps[1:]))


@each_board
def test_queries_ask_for_what_is_declared(name: str) -> None:
    """Every metric is a declared one or one of the process; every variable is one of the dashboard."""
    board = BOARDS[name]
    variables = {variable["name"] for variable in board["templating"]["list"]}
    for query in queries(board):
        assert _NAME.findall(query)
        assert set(_NAME.findall(query)) <= known()
        used = set(re.findall(r"\$\{?(\w+)", query))
        assert used <= variables | {"__rate_interval", "__range"}


def test_the_numbers_of_overview_are_those_of_now() -> None:
    """Each asks for this moment alone; with no answer it says so, in the colour of no judgement."""
    tiles = [panel for panel in panels(BOARDS["overview"]) if panel["type"] == "stat"]
    assert len(tiles) == 8
    for panel in tiles:
        assert [target["instant"] for target in panel["targets"]] == [True]
        defaults = panel["fieldConfig"]["defaults"]
        (mapping,) = defaults["mappings"]
        assert mapping["options"]["match"] == "null+nan"
        assert mapping["options"]["result"]["text"] == defaults["noValue"] == "unknown"
        judged = {step["color"] for step in defaults["thresholds"]["steps"]}
        assert mapping["options"]["result"]["color"] not in judged


def test_budgets_read_few_samples() -> None:
    """No query of a dashboard reads more than a day of a worker's metrics; what is longer is recorded."""
    for board in BOARDS.values():
        for query in queries(board):
            windows = set(re.findall(r"\[(\w+)\]", query)) - {"$__rate_interval", "$__range"}
            assert windows <= {"5m", "1h", "1d"}, query


@each_board
def test_a_reader_may_choose(name: str) -> None:
    """Data source, name space and job are variables; a link leads to the runbooks."""
    board = BOARDS[name]
    variables = [variable["name"] for variable in board["templating"]["list"]]
    assert variables[:3] == ["datasource", "namespace", "job"]
    assert [link["url"] for link in board["links"] if link["type"] == "link"] == ["${runbooks}/README.md"]
    for query in queries(board):
        selectors = re.findall(r"\{([^}]*)\}", query)
        if query.startswith("label_values"):
            assert selectors == [""]  # a variable hangs on no other
        else:
            assert all(each.startswith('namespace=~"$namespace",job="$job"') for each in selectors), query


@each_board
def test_all_name_spaces_are_also_none(name: str) -> None:
    """At first all are chosen, as a pattern that matches series without the label."""
    (variable,) = [each for each in BOARDS[name]["templating"]["list"] if each["name"] == "namespace"]
    assert variable["multi"] is variable["includeAll"] is True
    assert re.fullmatch(variable["allValue"], "")
    assert variable["current"]["value"] == ["$__all"]


@each_board
def test_workers_of_other_name_spaces_are_apart(name: str) -> None:
    """What is told of a worker, a partition or a run by its name keeps the name space; so does its title."""
    names = {"instance", "partition", "run"}
    for panel in panels(BOARDS[name]):
        for target in panel["targets"]:
            for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", target["expr"]):
                wanted = set(labels.split(", "))
                assert not wanted & names or "namespace" in wanted, target["expr"]
            titled = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert not titled & names or "namespace" in titled


def test_grafana_finds_the_dashboards() -> None:
    """Provisioning has one data source, which is asked as often as Prometheus scrapes, and one folder."""
    provisioning = FOLDER.parent / "provisioning"
    sources = yaml.safe_load((provisioning / "datasources" / "dripline.yml").read_text("utf-8"))
    (source,) = sources["datasources"]
    assert source["type"] == "prometheus"
    assert source["jsonData"]["timeInterval"] == "5s"
    providers = yaml.safe_load((provisioning / "dashboards" / "dripline.yml").read_text("utf-8"))
    (provider,) = providers["providers"]
    assert provider["type"] == "file"
    assert provider["allowUiUpdates"] is False


def faults(view: View, *, but: str = "") -> list[str]:
    """The queries that are refused or have no data; those with a text in them are left out."""
    found = []
    for panel in panels(view.board):
        try:
            answers = list(view.asked(panel))
        except QueryError as error:
            found.append(f"{panel['title']}: {error}")
            continue
        for target, series in answers:
            values = [value for each in series for _, value in each.points]
            if not (but and but in target["expr"]) and not any(value == value for value in values):  # noqa: PLR0124 - NaN is no data
                found.append(f"{panel['title']} {target['refId']}: no data: {view.filled(target['expr'])}")
    return found


@needs_prometheus
def test_the_checker_finds_what_is_wrong(tmp_path: Path) -> None:
    """A query that is refused, one without an answer, and one that has only NaN are named."""
    board = json.loads(json.dumps(BOARDS["overview"]))
    exprs = ["sum(", "nothing_of_this_name", "vector(0) / vector(0)", "vector(1)"]
    shown = panels(board)[: len(exprs)]
    for panel, expr in zip(shown, exprs, strict=True):
        panel["targets"][0]["expr"] = expr
        panel["title"] = expr
    board["panels"] = shown
    with RunningPrometheus(tmp_path, scraping({})) as prometheus:
        now = time.time()
        told = faults(View.of(board, prometheus, now - 60, now))
    assert [text.partition(":")[0].removesuffix(" A") for text in told] == exprs[:3]


async def at_work(running: Plant) -> None:
    """Wait until the plant has rejects, edits of every disposition, quiet claims and exempted findings.

    And until the rules have been worked out that rest on other ones.
    """
    for metric in (
        'increase(dripline_edits_total{status="cleared"}[10m])',
        'increase(dripline_verdicts_total{settled="quiet"}[10m])',
        'increase(dripline_verdicts_total{settled="withdrawn"}[10m])',
        "increase(dripline_exempted_total[10m])",
        "increase(dripline_forwarded_total[10m])",
        "increase(dripline_rejects_total[10m])",
        "(job:dripline_late_verdicts:ratio30d >= bool 0)",
        "(job:dripline_partitions_unserved:ratio30d >= bool 0)",
    ):
        await asyncio.to_thread(running.prometheus.wait_for, f"sum({metric})", 120)


@pytest.mark.slow
@needs_prometheus
async def test_every_query_of_a_live_run_has_data(tmp_path: Path) -> None:
    """Two workers, claim lines with rubbish: all queries but those of last week; and few series."""
    async with plant(tmp_path, partitions=16, rate=150, config=RECORDING) as running:
        running.sender.rubbish = 0.02
        await at_work(running)
        told = {}
        for name in LIVE:
            now = time.time()
            view = View.of(BOARDS[name], running.prometheus, now - 300, now)
            told[name] = await asyncio.to_thread(faults, view, but=WEEK)
        assert told == {name: [] for name in LIVE}
        assert 500 < await series_of_a_worker_with_all(running) < MOST_SERIES


async def series_of_a_worker_with_all(running: Plant) -> float:
    """How many series a worker has when the other one has gone and all 16 partitions are its own."""
    running.rig.keep_up = False
    assert await asyncio.to_thread(running.rig.live.workers[1].stop) == 0
    mine = '{instance="worker-1"}'
    await asyncio.to_thread(
        running.prometheus.wait_for, f"count(dripline_watermark_timestamp_seconds{mine}) == bool 16"
    )
    await asyncio.sleep(2 * EVERY)
    return await asyncio.to_thread(running.prometheus.wait_for, f"count({mine})")


@needs_prometheus
@pytest.mark.slow
def test_last_week_is_compared(tmp_path: Path) -> None:
    """On nine days of known counts, shares, their changes and their order are right."""
    now = time.time()
    with remembering(tmp_path, last_weeks(now)) as prometheus:
        view = View.of(BOARDS["decisions"], prometheus, now - 3600, now)
        weekly = [panel for panel in panels(view.board) if WEEK in json.dumps(panel)]
        assert len(weekly) == 2
        told = faults(replace(view, board=view.board | {"panels": weekly}))
        assert [text for text in told if WEEK in text] == []
        (table,) = [panel for panel in weekly if panel["type"] == "table"]
        (_, share), (_, before), (_, change), _ = view.asked(table)
        shares = [
            {f.labels["rule"]: round(f.points[0][1], 2) for f in each} for each in (share, before, change)
        ]
    assert shares[0] == {
        "duplicate_per_diem": 0.5,
        "units_exceed_days": 0.5,
        "visit_without_professional": 0.0,
    }
    assert shares[1] == {
        "duplicate_per_diem": 0.25,
        "units_exceed_days": 0.5,
        "visit_without_professional": 0.25,
    }
    assert shares[2] == {
        "duplicate_per_diem": 25.0,
        "units_exceed_days": 0.0,
        "visit_without_professional": -25.0,
    }


@needs_prometheus
@pytest.mark.slow
def test_every_query_of_a_running_replay_has_data(tmp_path: Path) -> None:
    """A backtest with rubbish and a pace, while it runs: all queries of Replays."""
    settings = GenerateSettings(members=200, seed=2, lines=3_000)
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b"".join(line + b"\n" for line in generate_records(settings, 0.05)))
    port = free_port()
    options = ["--policy", "built-in", "--against", "built-in", "--out", str(tmp_path / "out")]
    options += ["--status", "none", "--throttle", "100", "--metrics-port", str(port)]
    replay = subprocess.Popen([sys.executable, "-m", "streams.cli", "backtest", str(file), *options])
    try:
        with RunningPrometheus(tmp_path / "p", scraping({"replay": f"127.0.0.1:{port}"})) as prometheus:
            prometheus.wait_for("sum(rate(dripline_replay_records_total[20s]))", 120)
            now = time.time()
            assert faults(View.of(BOARDS["replays"], prometheus, now - 60, now)) == []
            assert replay.poll() is None
    finally:
        replay.kill()
        replay.wait()
