"""Laws of `Dockerfile` and `docker-compose.yml`, read as files: no Docker is needed."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from models.duration import parse_duration
from models.wire import Limits, RejectedError, read_event, read_fields
from streams import generate_command
from streams.cli import dripline
from streams.settings import PREFIX, Settings, env_name, read_settings
from streams.worker import STOPS_WITHIN
from tests.deploy.alert_files import rules

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = (ROOT / "docker-compose.yml").read_text("utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "dripline:local"}
WORKERS = {name: service for name, service in OURS.items() if "command" not in service}


def command_of(service: dict[str, Any]) -> list[str]:
    """The arguments of `dripline`, with the defaults of `${NAME:-default}`."""
    command = service.get("command", ["worker"])
    words = shlex.split(command) if isinstance(command, str) else command
    return [re.sub(r"\$\{\w+:-(.*?)\}", r"\1", word) for word in words]


def test_there_are_two_workers_and_what_they_need() -> None:
    """Kafka, the topics, two workers and who watches them; Grafana and the generator where asked for."""
    watching = {"prometheus", "alertmanager"}
    assert set(SERVICES) == {"kafka", "topics", *WORKERS, *watching, "grafana", "generator"}
    assert set(WORKERS) == {"worker-1", "worker-2"}
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert profiles == {"grafana": ["grafana"], "generator": ["generator"]}


def test_every_variable_is_a_setting() -> None:
    """Each variable with our prefix, in both files, is one that `Settings` reads."""
    named = set(re.findall(rf"\b{PREFIX}\w+", COMPOSE + DOCKERFILE))
    assert named
    assert named <= set(map(env_name, Settings.model_fields))


@pytest.mark.parametrize("name", OURS)
def test_the_settings_are_accepted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a service finds in its environment are sound settings, all of one app."""
    for field in Settings.model_fields:
        monkeypatch.delenv(env_name(field), raising=False)
    for variable, value in OURS[name]["environment"].items():
        monkeypatch.setenv(variable, str(value))
    settings = read_settings()
    assert settings.servers == ["kafka:9092"]
    assert settings.app_id == "dripline"


@pytest.mark.parametrize("name", OURS)
def test_the_commands_exist(name: str) -> None:
    """Each command with its options is one of `dripline`."""
    done = CliRunner().invoke(dripline, [*command_of(OURS[name]), "--help"])
    assert done.exit_code == 0, done.output


def test_generated_lines_are_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the generator sends was received just now, for services of the last months: workers take it."""
    taken: list[bytes] = []

    async def feed(lines: Iterator[bytes], _settings: Settings, _rate: float) -> None:
        taken.extend(islice(lines, 3_000))

    monkeypatch.setattr(generate_command, "feed", feed)
    generator = OURS["generator"]
    done = CliRunner(env=generator["environment"]).invoke(dripline, command_of(generator))
    assert done.exit_code == 0, done.output
    now = datetime.now(UTC)
    accepted = []
    for line in taken:
        with suppress(RejectedError):
            accepted.append(read_event(read_fields(line), Limits(400)))
    assert len(accepted) > 0.99 * len(taken)
    received = {line["received_at"] for line in map(json.loads, taken[:100])}
    assert all(now - timedelta(minutes=2) < datetime.fromisoformat(each) <= now for each in received)


def test_all_comes_up_with_one_command() -> None:
    """The README's `up --wait` of all profiles can end well: what ends with its work is waited for by others.

    Docker Compose takes any other end for a failure; the generator goes on for longer than all others take.
    """
    assert 'docker compose --profile "*" up --build --wait ' in (ROOT / "README.md").read_text("utf-8")
    conditions = [
        (name, needed["condition"])
        for service in SERVICES.values()
        for name, needed in service.get("depends_on", {}).items()
    ]
    unwatched = {name for name, service in SERVICES.items() if service["healthcheck"].get("disable")}
    awaited = {name for name, condition in conditions if condition == "service_completed_successfully"}
    assert unwatched - awaited == {"generator"}
    assert "--lines" not in command_of(SERVICES["generator"])


def test_workers_are_static_members() -> None:
    """Every worker has a name of its own, so that a restart moves no partition."""
    names = [service["environment"]["DRIPLINE_INSTANCE_ID"] for service in WORKERS.values()]
    assert names == list(WORKERS)


def test_workers_may_stop_in_order() -> None:
    """The grace period is longer than an orderly stop may take."""
    for service in WORKERS.values():
        assert parse_duration(service["stop_grace_period"]) / 1e6 > STOPS_WITHIN


def test_nothing_is_open_to_other_machines() -> None:
    """Every published port is one of the loopback address."""
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == len(set(ports)) == 6
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", SERVICES)
def test_containers_can_do_little(name: str) -> None:
    """Each is a numbered user who is not root, without capabilities, on a read-only root."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert re.fullmatch(r"[1-9]\d*:\d+", service["user"])


@pytest.mark.parametrize("name", SERVICES)
def test_containers_are_bounded(name: str) -> None:
    """Each has a limit of memory, processors, processes and log."""
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert 0 < service["cpus"] <= 1.0  # more than there are would be refused
    assert 0 < service["pids_limit"] <= 1024
    assert {"max-size", "max-file"} <= set(service["logging"]["options"])


def test_our_containers_are_the_user_of_the_image() -> None:
    """The Dockerfile's user is not root, and is the one that the compose file names."""
    users = re.findall(r"^USER (\d+:\d+)$", DOCKERFILE, re.MULTILINE)
    assert users
    assert {service["user"] for service in OURS.values()} == {users[-1]} != {"0:0"}


def test_whatever_serves_is_asked_for_its_health() -> None:
    """Each container that goes on has a health check; those that end with their work have none."""
    checks = {name: service["healthcheck"] for name, service in SERVICES.items()}
    assert {name for name, check in checks.items() if check.get("disable")} == {"topics", "generator"}
    assert all(check.get("disable") or len(check["test"]) > 1 for check in checks.values())


def test_files_of_this_folder_are_there_and_are_only_read() -> None:
    """Every mounted path of the repository exists, and no container can write to it."""
    mounted = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    ours = [volume for volume in mounted if volume.startswith(".")]
    assert len(ours) == 5
    for volume in ours:
        path, _, rest = volume.partition(":")
        assert (ROOT / path).is_dir(), path
        assert rest.endswith(":ro")


def test_prometheus_remembers_the_time_of_the_objectives() -> None:
    """It keeps samples for longer than the longest window of any rule, 30 days."""
    (kept,) = [
        re.findall(r"retention\.time=(\d+)d$", word)
        for word in SERVICES["prometheus"]["command"]
        if "retention" in word
    ]
    days = [window for rule in rules() for window in re.findall(r"\[(\d+)d\]", rule["expr"])]
    assert max(map(int, days)) == 30 < int(kept[0])


def test_ready_workers_are_what_up_waits_for() -> None:
    """A worker is healthy when it is ready; the image's own check is whether it is live."""
    assert all("/readyz" in str(service["healthcheck"]["test"]) for service in WORKERS.values())
    assert "/livez" in DOCKERFILE


def test_it_is_the_kafka_of_the_tests() -> None:
    """The broker has the version of the embedded one."""
    jars = tomllib.loads((ROOT / "streams" / "embedded" / "jars.toml").read_text("utf-8"))
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{jars['kafka']}"


def test_the_image_is_built_of_what_it_may_see() -> None:
    """What the Dockerfile copies exists, and `.dockerignore` lets exactly that through."""
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for word in line.split()
    }
    assert all((ROOT / name).exists() for name in copied)
    rules = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied
