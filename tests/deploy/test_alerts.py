"""Laws of the recording rules and alerts as files, and of what promtool and Prometheus say to them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.grafana.__main__ import dashboards
from deploy.grafana.board import RUNBOOKS as SERVED
from deploy.grafana.overview import TARGET, WITHIN
from deploy.prometheus.__main__ import COPY, REPLACE_ME, RULES, main, runbooks_of
from tests.deploy.alert_files import (
    ALERTS,
    ALWAYS,
    RECORDED,
    TESTS,
    groups,
    names_in,
    rules,
    shown,
    wrong_labels,
)
from tests.deploy.hurried import hurried, hurried_expr, seconds_of
from tests.deploy.stack import RunningPrometheus, needs_prometheus, scraping

ROOT = Path(__file__).parents[2]
COMPOSE: Any = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
PAGES = {
    "DriplineAvailabilityBudgetBurning",
    "DriplineEditsStopped",
    "DriplineLatencyBudgetBurning",
    "DriplinePartitionStalled",
    "DriplinePartitionsWithoutWorker",
    "DriplineWorkersAbsent",
}
"""What somebody is woken for: claims without verdicts, or verdicts that find nothing."""
SLOW_SCRAPE = 30.0
"""Seconds between two scrapes that every window must bear."""

each_alert = pytest.mark.parametrize("name", sorted(ALERTS))


@each_alert
def test_alerts_say_what_they_mean(name: str) -> None:
    """Each waits, has a severity, three sentences without an id, and the address of its runbook."""
    rule = ALERTS[name]
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert seconds_of(rule["for"]) >= 60
    assert rule["labels"] == {"severity": "page" if name in PAGES else "ticket"}
    told = rule["annotations"]
    assert set(told) == {"summary", "description", "payment", "runbook_url"}
    assert not told["summary"].endswith(".")
    assert told["description"].endswith(".")
    assert told["payment"].endswith(".")
    used = set(re.findall(r"\$labels\.(\w+)", told["description"]))
    assert used <= ALWAYS | {"partition", "topic", "rule"}


def test_runbooks_are_where_grafana_serves_them() -> None:
    """The address of a runbook is a file of docs/runbooks, as the compose file's Grafana serves it."""
    (port,) = COMPOSE["services"]["grafana"]["ports"]
    host = port.rpartition(":")[0]
    assert f"./docs/runbooks:/usr/share/grafana{SERVED}:ro" in COMPOSE["services"]["grafana"]["volumes"]
    for name, rule in ALERTS.items():
        assert rule["annotations"]["runbook_url"] == f"http://{host}{SERVED}/{name}.md"


def test_rules_ask_for_what_is_there() -> None:
    """Every name in a query is a declared metric or a recorded one, selected by labels that it has."""
    known = {*shown(), *RECORDED}
    for rule in rules():
        assert names_in(rule["expr"])
        assert names_in(rule["expr"]) <= known
        assert wrong_labels(rule["expr"]) == []


def test_names_are_found_in_queries() -> None:
    """Functions, keywords, labels and texts are no names; a label that a metric lacks is named."""
    query = 'sum by (job) (rate(a_total{b="c"}[5m])) / on (job) d:e unless max_over_time(f[1h] offset 1w) > 0'
    assert names_in(query) == {"a_total", "d:e", "f"}
    assert wrong_labels('dripline_verdicts_total{status="edited", job="x"}') == []
    assert len(wrong_labels('dripline_verdicts_total{status="edit", rule="x"}')) == 2


def test_what_is_recorded_is_used_and_named_by_its_labels() -> None:
    """No rule records for nobody, none twice; the name begins with the labels that are left.

    Rules and dashboards use them.
    """
    used = {name for rule in rules() for name in names_in(rule["expr"])}
    shown_on = "".join(dashboards().values())
    assert all(name in used or f"{name}{{" in shown_on for name in RECORDED)
    assert len(RECORDED) + len(ALERTS) == len(list(rules()))
    assert all(re.fullmatch(r"(job|partition|rule):dripline_\w+:\w+", name) for name in RECORDED)


def test_workers_of_other_groups_are_apart() -> None:
    """Whatever is added up keeps the job and the name space."""
    for rule in rules():
        for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", rule["expr"]):
            assert {"namespace", "job"} <= set(labels.split(", ")), rule


def test_windows_bear_seldom_scrapes() -> None:
    """Every window holds four scrapes, also where they are 30 s apart."""
    windows = [window for rule in rules() for window in re.findall(r"\[(\w+)\]", rule["expr"])]
    assert windows
    assert min(map(seconds_of, windows)) >= 4 * SLOW_SCRAPE


def test_the_objective_is_that_of_overview() -> None:
    """Seconds and share are those of the dashboard, in every rule that has them."""
    slo = (RULES / "slo.yml").read_text("utf-8")
    assert set(re.findall(r'le="([^"]+)"', slo)) == {WITHIN}
    assert f"{float(WITHIN):.0f} s of the Kafka timestamp" in slo
    budgets = {float(text) for text in re.findall(r"> (?:[\d.]+ \* )?(0\.\d+)", slo)}
    assert [1 - budget for budget in budgets] == [TARGET]


def test_time_that_is_not_known_counts_as_served() -> None:
    """Each mean over time divides by the samples that its group makes in that time."""
    found = 0
    for group in groups():
        for rule in group["rules"]:
            for window, samples in re.findall(r"sum_over_time\([^)]*\[(\w+)\]\) / (\d+)", rule["expr"]):
                made = {seconds_of(each["interval"]) for each in groups() if "availability" in each["name"]}
                assert seconds_of(window) / int(samples) == min(made)
                found += 1
    assert found == 6


@each_alert
def test_each_alert_is_tested_both_ways(name: str) -> None:
    """In one test of its file it fires, and not from the first moment; in another it never does."""
    document = yaml.safe_load((TESTS / f"{name}.yml").read_text("utf-8"))
    kinds = {"fires": 0, "is silent": 0}
    for test in document["tests"]:
        (kind,) = [each for each in kinds if test["name"].startswith(each)]
        kinds[kind] += 1
        assert {each["alertname"] for each in test["alert_rule_test"]} == {name}
        assert any(each["exp_alerts"] for each in test["alert_rule_test"]) == (kind == "fires")
    assert all(kinds.values())


def test_no_test_is_left_over() -> None:
    """There are no tests of alerts that are gone."""
    assert {file.stem for file in TESTS.iterdir()} == set(ALERTS)


def promtool(*arguments: str) -> tuple[int, str]:
    """Exit code and words of a command of promtool."""
    command = [shutil.which("promtool") or "", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@needs_prometheus
@pytest.mark.slow
@each_alert
def test_promtool_runs_the_tests(name: str) -> None:
    """Each alert fires and is silent as its file says, with the words that a reader gets."""
    assert promtool("test", "rules", str(TESTS / f"{name}.yml"))[0] == 0


@needs_prometheus
@pytest.mark.slow
@pytest.mark.parametrize("expr", ["vector(1)", "vector(1) > 1"])
def test_promtool_finds_an_alert_that_is_wrong(tmp_path: Path, expr: str) -> None:
    """An alert that always fires fails its test, and so does one that never does."""
    shutil.copytree(TESTS, tmp_path / "tests")
    shutil.copytree(RULES, tmp_path / "rules")
    file = tmp_path / "rules" / "alerts.yml"
    right = f"expr: {ALERTS['DriplineWorkerDown']['expr']}\n"
    assert right in file.read_text()
    file.write_text(file.read_text().replace(right, f"expr: {expr}\n"))
    code, told = promtool("test", "rules", str(tmp_path / "tests" / "DriplineWorkerDown.yml"))
    assert code == 1
    assert "alertname: DriplineWorkerDown" in told


@needs_prometheus
def test_promtool_accepts_the_files() -> None:
    """Configuration and rules are sound, and the configuration names all rules."""
    code, told = promtool("check", "config", str(RULES.parent / "prometheus.yml"))
    assert code == 0, told
    assert f"{len(list(RULES.glob('*.yml')))} rule files found" in told


@needs_prometheus
@pytest.mark.slow
def test_prometheus_works_the_rules_out(tmp_path: Path) -> None:
    """A real one loads all of them and evaluates each without an error; of nobody it knows no worker."""
    files = hurried(tmp_path / "rules", 20)
    with RunningPrometheus(tmp_path / "prometheus", scraping({}) | {"rule_files": files}) as prometheus:
        prometheus.wait_for('ALERTS{alertname="DriplineWorkersAbsent", alertstate="firing"}')
        end = time.monotonic() + 30
        while any(each["health"] == "unknown" for each in loaded(prometheus)):
            assert time.monotonic() < end
            time.sleep(0.2)
        assert len(loaded(prometheus)) == len(ALERTS) + len(RECORDED)
        assert {each["health"] for each in loaded(prometheus)} == {"ok"}
        told = prometheus.get("alerts")["alerts"]
    assert {each["labels"]["alertname"] for each in told} == {"DriplineWorkersAbsent"}


def loaded(prometheus: RunningPrometheus) -> list[dict[str, Any]]:
    """The rules that a Prometheus has loaded."""
    return [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]


def test_hurried_rules_are_the_same_but_for_their_times(tmp_path: Path) -> None:
    """All times are shorter by the factor, in windows, offsets and waits; nothing else differs."""
    assert hurried_expr("rate(a[5m] offset 1w) > 300", 20) == "rate(a[15000ms] offset 30240000ms) > 300"
    made = [
        rule
        for file in hurried(tmp_path, 20)
        for group in json.loads(Path(file).read_text())["groups"]
        for rule in group["rules"]
    ]
    for rule, short in zip(rules(), made, strict=True):
        assert names_in(short["expr"]) == names_in(rule["expr"])
        assert {**short, "expr": 0, "for": 0} == {**rule, "expr": 0, "for": 0}


def test_kubernetes_has_the_same_rules() -> None:
    """The PrometheusRule holds every group of the files, in step, with its own address of the runbooks."""
    assert main(["--check"]) == 0
    text = COPY.read_text("utf-8").replace(runbooks_of(), f"http://127.0.0.1:3000{SERVED}")
    assert yaml.safe_load(text)["spec"]["groups"] == groups()


def test_whoever_applies_the_copy_is_told_to_say_where_the_runbooks_are() -> None:
    """The copy leads to no machine of ours: to an address that is nobody's, until it is set."""
    assert runbooks_of() == REPLACE_ME
    host = urlsplit(REPLACE_ME).hostname
    assert host is not None
    assert host.endswith(".example.org")  # RFC 2606
    assert "127.0.0.1" not in COPY.read_text("utf-8")
    readme = (ROOT / "deploy" / "kubernetes" / "README.md").read_text("utf-8")
    assert f"`{host}`" in readme
    assert "make alerts RUNBOOKS=" in readme


def test_a_copy_out_of_step_is_told_and_made_anew(tmp_path: Path) -> None:
    """`--check` writes nothing and fails; the copy's runbooks lead where they are asked to, later too."""
    folder = shutil.copytree(RULES, tmp_path / "rules")
    copy = tmp_path / "made" / "rule.yaml"
    assert main(["--check"], folder, copy) == 1
    assert not copy.exists()
    assert main([], folder, copy) == 0
    assert copy.read_text() == COPY.read_text()
    assert main(["--runbooks", "https://runbooks.example.org/dripline/"], folder, copy) == 0
    urls = re.findall(r"runbook_url: (\S+)", copy.read_text())
    assert sorted(urls) == sorted(f"https://runbooks.example.org/dripline/{name}.md" for name in ALERTS)
    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        file.name: file.read_text() for file in RULES.iterdir()
    }
    assert main(["--check"], folder, copy) == 0
    told = copy.read_text()
    (folder / "slo.yml").write_text((folder / "slo.yml").read_text().replace("30 days", "31 days"))
    assert main(["--check"], folder, copy) == 1
    assert main([], folder, copy) == 0
    assert copy.read_text() == told.replace("30 days", "31 days") != told


def test_alertmanager_tells_pages_from_tickets() -> None:
    """A page has a receiver of its own; what an outage brings about is told once, for alerts that exist."""
    document = yaml.safe_load((ROOT / "deploy" / "alertmanager" / "alertmanager.yml").read_text("utf-8"))
    (route,) = document["route"]["routes"]
    assert route["matchers"] == ["severity = page"]
    assert {route["receiver"], document["route"]["receiver"]} == {
        each["name"] for each in document["receivers"]
    }
    for rule in document["inhibit_rules"]:
        named = re.findall(r"Dripline\w+", " ".join(rule["source_matchers"] + rule["target_matchers"]))
        assert len(named) >= 2
        assert set(named) <= set(ALERTS)
        assert {"namespace", "job"} == set(rule["equal"])
