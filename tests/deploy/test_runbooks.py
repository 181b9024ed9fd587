"""Laws of the runbooks: a page for each alert, and nothing on it that is not there."""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import aiokafka.errors
import pytest
from click.testing import CliRunner

from deploy.grafana.__main__ import dashboards
from streams.cli import dripline
from streams.failing import TELLING
from streams.headers import REASONS, SOURCE_OFFSET, SOURCE_PARTITION, SOURCE_TOPIC
from streams.metrics.declared import METRICS
from streams.settings import PREFIX, Settings, env_name
from streams.topics import topics_of
from tests.deploy.alert_files import ALERTS, RECORDED, RUNBOOKS, names_in, shown, wrong_labels
from tests.deploy.alert_runs import BREACHES
from tests.deploy.manifests import of_kind, plain
from tests.deploy.stack import RunningPrometheus, needs_prometheus, scraping

ROOT = RUNBOOKS.parents[1]
PAGES = {path.stem: path.read_text("utf-8") for path in sorted(RUNBOOKS.glob("Dripline*.md"))}
README = (RUNBOOKS / "README.md").read_text("utf-8")
HEADINGS = ["Meaning", "Effect on payment", "Checks", "What to do", "When to escalate"]
KUBECTL = {
    "get pods": (),
    "describe pod": ("POD",),
    "logs": ("POD", "--tail", "20", "--previous"),
    "exec": ("POD", "--"),
    "rollout status": ("statefulset/dripline", "--timeout", "10s"),
    "rollout restart": ("statefulset/dripline",),
    "rollout undo": ("statefulset/dripline",),
}
"""What an operator needs of kubectl, with the words that may follow."""
PLAIN = {
    "docker compose logs --tail 20 worker-1",
    "docker compose restart worker-1 worker-2",
}
"""What is as it stands: services of the compose file."""
KAFKA = {
    "kafka-consumer-groups.sh": {"--describe", "--members", "--group"},
    "kafka-console-consumer.sh": {"--topic", "--max-messages", "--property"},
}
"""Kafka's own tools, and their options beside `--bootstrap-server`."""

each_page = pytest.mark.parametrize("name", PAGES)


def sections(page: str) -> dict[str, str]:
    """What stands under each heading, in order."""
    parts = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)
    return {title: text.strip() for title, text in zip(parts[1::2], parts[2::2], strict=True)}


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [text.strip() for text in re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)]


def commands(page: str) -> Iterator[list[str]]:
    """All commands, in blocks and in the text, as words."""
    inline = re.findall(r"`((?:kubectl|kafka-[\w.-]+|docker|dripline|curl|make|python) [^`]*)`", page)
    yield from (shlex.split(text) for text in [*blocks(page, "sh"), *inline])


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    """Pages and alerts are the same, and the table of the README lists each with severity and summary."""
    assert set(PAGES) == set(ALERTS)
    rows = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \| (\w+) \| (.+) \|$", README, re.MULTILINE)
    said = {
        name: (rule["labels"]["severity"], rule["annotations"]["summary"]) for name, rule in ALERTS.items()
    }
    assert {name: (severity, summary) for name, _, severity, summary in rows} == said
    assert all(name == file for name, file, _, _ in rows)
    assert [severity for _, _, severity, _ in rows] == sorted(severity for _, _, severity, _ in rows)


@each_page
def test_pages_are_whole(name: str) -> None:
    """Each has its title, the severity and words of its alert, all headings in order, three checks."""
    page, rule = PAGES[name], ALERTS[name]
    assert page.startswith(f"# {name}\n")
    assert f"Severity: **{rule['labels']['severity']}**. {rule['annotations']['summary']}.\n" in page
    found = sections(page)
    assert list(found) == HEADINGS
    assert all(len(text) > 40 for text in found.values())
    checks = re.split(r"^\d\. ", found["Checks"], flags=re.MULTILINE)[1:]
    assert len(checks) == 3
    assert re.findall(r"^(\d)\. ", found["Checks"], re.MULTILINE) == ["1", "2", "3"]
    assert all(re.search(r"```(sh|promql)\n", check) for check in checks)


@pytest.mark.parametrize("page", [*PAGES.values(), README], ids=[*PAGES, "README"])
def test_links_lead_somewhere(page: str) -> None:
    """Every link is to a file of the docs, and to a heading of it where one is named."""
    for target in re.findall(r"\]\(([^)]+)\)", page):
        file, _, heading = target.partition("#")
        path = RUNBOOKS / file
        assert path.is_file(), target
        titles = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
        assert not heading or heading in {title.lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [*PAGES.values(), README], ids=[*PAGES, "README"])
def test_commands_exist(page: str) -> None:
    """Every command is one of ours, or one of kubectl and Kafka with our names, and with known options."""
    for words in commands(page):
        check_command(words)


def check_command(words: list[str]) -> None:
    """Hold one command against what there is."""
    if " ".join(words) in PLAIN:
        return
    match words:
        case ["dripline", *rest]:
            assert CliRunner().invoke(dripline, [*rest, "--help"]).exit_code == 0, words
        case ["kubectl", "-n", "dripline", *rest]:
            check_kubectl(rest)
        case ["docker", "compose", "exec", "-T", "worker-1", *rest]:
            check_command(rest)
        case ["docker", "compose", "exec", "-T", "kafka", tool, *rest]:
            check_kafka(tool.removeprefix("/opt/kafka/bin/"), rest, "localhost:9092")
        case ["make", target]:
            assert f"\n{target}: " in (ROOT / "Makefile").read_text("utf-8")
        case ["python", "-m", module, *_]:
            assert (ROOT / f"{module.replace('.', '/')}.py").is_file()
        case [tool, *rest]:
            check_kafka(tool, rest, "kafka1:9092")
        case _:
            raise AssertionError(words)


def check_kubectl(words: list[str]) -> None:
    """Hold a command about the name space `dripline` against the manifests."""
    (verb,) = [each for each in KUBECTL if " ".join(words).startswith(each)]
    stateful = of_kind(plain(), "StatefulSet")["metadata"]["name"]
    known = {word.replace("POD", f"{stateful}-0") for word in KUBECTL[verb]}
    rest = words[len(verb.split()) :]
    inside = rest[rest.index("--") + 1 :] if "--" in rest else []
    assert set(rest[: len(rest) - len(inside)]) <= known, words
    if inside:
        check_command(inside)


def check_kafka(tool: str, words: list[str], server: str) -> None:
    """Hold a command of Kafka against its options, the group and the topics.

    No key, no value and no header of a sender is shown.
    """
    filtered = "|" in words and lets_ours_through(words[words.index("|") + 1 :])
    words = words[: words.index("|")] if "|" in words else words
    assert words[:2] == ["--bootstrap-server", server], words
    assert {word for word in words[2:] if word.startswith("--")} <= KAFKA[tool]
    if "--group" in words:
        assert words[words.index("--group") + 1] == Settings.model_fields["app_id"].default
    if "--topic" in words:
        assert words[words.index("--topic") + 1] in {topic.name for topic in topics_of("dripline")}
    if tool == "kafka-console-consumer.sh":
        assert {"print.key=false", "print.value=false"} <= set(words)
        assert "print.headers=true" not in words or filtered


OURS_ALONE = ["grep", "-oE"]
"""What may stand behind a pipe: it lets through what a pattern finds, and nothing else of a line."""
REJECTED = [
    ("x-patient", "Jane Doe, 1950"),
    ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    (REASONS, '[{"code":"missing","field":"units","detail":"x, y"},{"code":"invalid","field":null}]'),
    (SOURCE_TOPIC, "claim-lines"),
    (SOURCE_PARTITION, "3"),
    (SOURCE_OFFSET, "17"),
]
"""Headers of a rejected record: the sender's, and ours behind them."""


def lets_ours_through(words: list[str]) -> bool:
    """Whether a filter of the console consumer's lines leaves our headers alone, and all of them."""
    assert words[:2] == OURS_ALONE
    (pattern,) = words[2:]
    line = ",".join(f"{name}:{value}" for name, value in REJECTED)
    found = [each[0] for each in re.finditer(pattern, line)]
    return found == [f"{name}:{value}" for name, value in REJECTED if name.startswith("dripline-")]


SILENT = (
    "kafka-console-consumer.sh --bootstrap-server kafka1:9092 --topic claim-lines-rejected "
    "--property print.headers=true --property print.key=false --property print.value=false"
)


def test_what_is_wrong_is_found() -> None:
    """Commands that do not exist, or that would show values or a sender's headers, are refused."""
    for text in (
        "dripline topics repair",
        "kubectl -n dripline logs dripline-0 --follow",
        "kubectl get --raw /api/v1/namespaces/dripline/pods/dripline-0:6066/proxy/readyz",
        "kubectl -n dripline exec dripline-0 -- dripline topics chek",
        "kafka-consumer-groups.sh --bootstrap-server kafka1:9092 --describe --group claims",
        "kafka-console-consumer.sh --bootstrap-server kafka1:9092 --topic claim-lines-rejected",
        SILENT,
        f"{SILENT} | cat",
        f"{SILENT} | grep -oE 'dripline-.*'",
        f"{SILENT} | grep -oE '[a-z-]+:[^,]*'",
    ):
        with pytest.raises(AssertionError):
            check_command(shlex.split(text))


@pytest.mark.parametrize("page", [*PAGES.values(), README], ids=[*PAGES, "README"])
def test_names_are_those_of_the_product(page: str) -> None:
    """Metrics, settings, topics, panels, errors and paths that a page names exist."""
    for query in blocks(page, "promql"):
        assert names_in(query) <= {*shown(), *RECORDED}, query
        assert wrong_labels(query) == []
    known = {*shown(), *(metric.full_name for metric in METRICS)}
    assert set(re.findall(r"`(dripline_\w+)`", page)) <= known
    assert set(re.findall(rf"\b{PREFIX}\w+", page)) <= set(map(env_name, Settings.model_fields))
    topics = {topic.name for topic in topics_of("dripline")}
    assert set(re.findall(r"`(claim-[\w-]+)`", page)) <= topics
    panels = {
        (name.removesuffix(".json").capitalize(), panel["title"])
        for name, text in dashboards().items()
        for panel in json.loads(text)["panels"]
    }
    named = re.findall(r"Dashboard (\w+),\s+panel \*([^*]+)\*", page)
    assert page.count("panel *") == len(named)
    assert set(named) <= panels
    ours = {error.__name__ for error in TELLING}
    for error in re.findall(r"`(\w+Error)`", page):
        assert error in ours or hasattr(aiokafka.errors, error), error
    for path in re.findall(r"`((?:deploy|docs|tests)/[\w./-]+)`", page):
        assert (ROOT / path).exists(), path


@needs_prometheus
@pytest.mark.slow
def test_queries_are_sound(tmp_path: Path) -> None:
    """Prometheus reads every query of every page."""
    queries = [query for page in PAGES.values() for query in blocks(page, "promql")]
    assert len(queries) > len(PAGES)
    with RunningPrometheus(tmp_path, scraping({})) as prometheus:
        for query in queries:
            prometheus.instant(query, time.time())


def test_the_table_of_runs_is_of_what_is_broken() -> None:
    """The README tells of each run, in order; they are of six alerts that exist."""
    table = README.partition("## Seen firing")[2]
    rows = re.findall(r"^\| ([^|`]+) \| `(\w+)` \|", table, re.MULTILINE)
    assert rows == [(each.title, each.alert) for each in BREACHES]
    assert len({alert for _, alert in rows} & set(ALERTS)) == 6
