"""`dripline explain`: one claim, its lines and the member's evidence by date, its edits, its verdict."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from models.wire import to_json
from policy.load import load_policy
from streams.console import console
from streams.explain.calendar import Row
from streams.explain.found import Decision, Explained
from streams.explain.view import print_explained
from streams.files import InputError
from streams.kafka_command import OF_THE_WORKER, given_settings, settings_options
from streams.settings import Settings, env_name

_OWN: Final = frozenset({"policy", "exemptions", "settle_after"})
"""Settings of the worker that decide here too."""

_NOWHERE: Final = "localhost:9092"
"""Stands for the brokers where none is asked."""


@click.command("explain")
@click.argument("claim_id", metavar="CLAIM_ID")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@partial(settings_options, hidden=OF_THE_WORKER - _OWN)
def explain_command(claim_id: str, sources: tuple[str, ...], *, as_json: bool, **options: str | None) -> None:
    """Explain the claim CLAIM_ID: its lines and the member's evidence by date, each edit, the verdict.

    SOURCE is the result folder of a replay or a backtest, or files of claim lines (JSON Lines, plain or gzip,
    or dumps of the topic), which are screened by --policy and --exemptions. Left out: the live topics, with
    what the worker has published.

    Exit code 0: the claim is explained. 2: it was not found, or the source cannot be read.
    """
    found = _found(claim_id, sources, options)
    if not found:
        raise InputError("the claim was not found there")  # without its id: it would stand in a log
    if as_json:
        click.echo(to_json({"claim_id": claim_id, "members": [as_object(each) for each in found]}))
        return
    out = console()
    for each in found:
        print_explained(out, each)


def _found(claim_id: str, sources: Sequence[str], options: Mapping[str, str | None]) -> list[Explained]:
    # The clients of Kafka and Parquet take a while to load.
    from streams.explain.sources import in_files, in_results, on_topics, topic_behind  # noqa: PLC0415

    folders = [Path(source) for source in sources if Path(source).is_dir()]
    if folders and len(sources) > 1:
        raise click.UsageError("a result folder stands alone")
    brokers = topic_behind(folders[0]) if folders else not sources
    settings = _settings(options, brokers=brokers)
    if folders:
        return in_results(folders[0], claim_id, settings)
    policy = load_policy(
        settings.policy, exemptions=settings.exemptions, settle_after_us=settings.settle_after
    )
    return in_files(sources, claim_id, policy) if sources else on_topics(claim_id, policy, settings)


def _settings(options: Mapping[str, str | None], *, brokers: bool) -> Settings:
    """The settings; where no broker is asked, none need be named."""
    named = options["bootstrap_servers"] or os.environ.get(env_name("bootstrap_servers"))
    return given_settings(options if brokers or named else {**options, "bootstrap_servers": _NOWHERE})


def as_object(found: Explained) -> dict[str, Any]:
    """A claim explained, for machines. Dates are ISO text, inclusive; amounts and units as published."""
    return {
        "member_id": found.member_id,
        "lines": [_line(row) for row in found.rows],
        "decisions": [_decision(each) for each in found.decisions],
    }


def _line(row: Row) -> Mapping[str, Any]:
    days: dict[str, list[str]] = {}
    for day, kind in sorted(row.days.items()):
        days.setdefault(kind, []).append(date.fromordinal(day).isoformat())
    return {
        "claim_id": row.line.claim_id,
        "line_number": row.line.line_number,
        "of_this_claim": row.own,
        "procedure_code": row.line.procedure_code,
        "modifiers": row.line.modifiers,
        "role": row.role.kind,
        "counts_not": row.why_not or None,
        "days": days,
    }


def _decision(decision: Decision) -> Mapping[str, Any]:
    return {"by": decision.by, "verdict": decision.verdict, "edits": decision.edits}
