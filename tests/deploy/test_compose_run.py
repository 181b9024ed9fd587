"""The compose file, run: all healthy, claim lines in, verdicts out, watched, and whole again after a kill.

It takes the ports and the volumes of the compose file, so it runs only where `DRIPLINE_TEST_COMPOSE` names
the command of Docker Compose (`make test-compose`). The images, ours too, must be there or to be had.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
COMPOSE = shlex.split(os.environ.get("DRIPLINE_TEST_COMPOSE", ""))
PROMETHEUS, ALERTMANAGER = 9090, 9093
PUBLISHED = ["claim-lines", "claim-edits", "claim-verdicts"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not COMPOSE, reason="DRIPLINE_TEST_COMPOSE names no command: see make test-compose"),
]


def compose(*arguments: str, limit: float = 300) -> str:
    """What a command of Docker Compose says; it must end with 0."""
    done = subprocess.run(
        [*COMPOSE, *arguments], cwd=ROOT, capture_output=True, check=False, text=True, timeout=limit
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(*facts: object) -> None:
    """Show figures of the run."""
    print(*facts)  # noqa: T201 - what `make test-compose` is run for


def answer_of(port: int, path: str) -> Any:  # noqa: ANN401 - JSON
    """What a server on this machine answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200, path
        return json.load(answer)
    finally:
        connection.close()


def rules() -> list[dict[str, Any]]:
    """The rules that Prometheus has loaded."""
    groups = answer_of(PROMETHEUS, "/api/v1/rules")["data"]["groups"]
    return [rule for group in groups for rule in group["rules"]]


def ends() -> dict[str, int]:
    """How many records each topic has had, its partitions added up."""
    offsets = ["/opt/kafka/bin/kafka-get-offsets.sh", "--bootstrap-server", "localhost:9092"]
    lines = compose("exec", "-T", "kafka", *offsets, "--topic", "claim-.*").split()
    found: dict[str, int] = {}
    for topic, _, end in (line.rsplit(":", 2) for line in lines):
        found[topic] = found.get(topic, 0) + int(end)
    return found


def targets_up() -> dict[str, str]:
    """The health of the targets of the job `dripline`, by instance, as Prometheus tells it."""
    targets = answer_of(PROMETHEUS, "/api/v1/targets?state=active")["data"]["activeTargets"]
    return {
        target["labels"]["instance"]: target["health"]
        for target in targets
        if target["labels"]["job"] == "dripline"
    }


def wait_for(law: Callable[[], bool], what: str, seconds: float = 60) -> float:
    """Wait until something holds; how many seconds it took."""
    begun = time.monotonic()
    while not law():
        assert time.monotonic() - begun < seconds, f"{what}: not within {seconds:.0f} s"
        time.sleep(1)
    return time.monotonic() - begun


@pytest.fixture(scope="module", autouse=True)
def running() -> Iterator[None]:
    """The services up and healthy; at the end everything is gone."""
    begun = time.monotonic()
    try:
        compose("up", "--wait", "--wait-timeout", "240")
        told(f"\nup and healthy within {time.monotonic() - begun:.0f} s")
        compose("--profile", "generator", "up", "-d", "--no-recreate", "generator")
        yield
    finally:
        compose("--profile", "generator", "down", "--volumes")


def test_lines_become_edits_and_verdicts() -> None:
    """The generator's lines arrive, and what is published grows with them."""
    before = ends()
    wait_for(lambda: all(ends()[topic] > before[topic] for topic in PUBLISHED), "published")
    told(before, "then", ends())


def test_the_workers_are_watched() -> None:
    """Prometheus scrapes both workers, has loaded its rules without an error, and knows Alertmanager."""
    wait_for(lambda: list(targets_up().values()) == ["up", "up"], "targets")
    assert rules()
    wait_for(lambda: all(rule["health"] == "ok" for rule in rules()), "rules")
    assert len(answer_of(PROMETHEUS, "/api/v1/alertmanagers")["data"]["activeAlertmanagers"]) == 1
    assert answer_of(ALERTMANAGER, "/api/v2/status")["config"]
    told(targets_up(), f"{len(rules())} rules")


def test_a_killed_worker_comes_back() -> None:
    """Started again it is healthy, is scraped, and lines are screened on."""
    compose("kill", "worker-1")
    wait_for(lambda: "down" in targets_up().values(), "a target down")
    before = ends()
    begun = time.monotonic()
    compose("up", "-d", "--wait", "--no-deps", "worker-1")
    told(f"healthy again within {time.monotonic() - begun:.0f} s")
    wait_for(lambda: list(targets_up().values()) == ["up", "up"], "targets")
    wait_for(lambda: all(ends()[topic] > before[topic] for topic in PUBLISHED), "published")


def test_workers_stop_in_order() -> None:
    """A stop ends both with exit code 0."""
    compose("stop", "worker-1", "worker-2")
    services = [json.loads(line) for line in compose("ps", "--all", "--format", "json").splitlines()]
    codes = {each["Service"]: each["ExitCode"] for each in services if each["Service"].startswith("worker")}
    assert codes == {"worker-1": 0, "worker-2": 0}
