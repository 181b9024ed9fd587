"""`dripline topics create` and `dripline topics check`."""

from __future__ import annotations

import asyncio
from typing import Final

import click

from streams.broker_wait import connected_admin
from streams.console import console
from streams.kafka_command import OF_THE_WORKER, with_settings
from streams.kafka_options import client_options
from streams.policy_view import print_table
from streams.settings import Settings
from streams.topic_check import Fault, find_faults
from streams.topic_creation import Creation, create_topics

_NOT_AS_WANTED: Final = 2
_NUMBER: Final = click.IntRange(1, 32_767)


@click.group()
def topics() -> None:
    """Make the topics on a broker, or check them."""


@topics.command()
@click.option("--partitions", type=_NUMBER, metavar="N", help="Partitions of each topic made.")
@click.option("--replication", type=_NUMBER, metavar="N", help="Replicas of each partition made.")
@with_settings(hidden=OF_THE_WORKER)
def create(settings: Settings, *, partitions: int | None, replication: int | None) -> None:
    """Make the topics that are missing, with their settings; what exists is not changed.

    Left out, N is the broker's own number. The changelog gets as many partitions as the input has.

    Exit code 0: all topics exist as wanted. 2: one does not, or no broker can be used.
    """
    done = asyncio.run(make_topics(settings, partitions, replication))
    print_table(console(), ("topic", "partitions", "replicas", ""), _rows(done))
    _end(done.faults)


@topics.command()
@with_settings(hidden=OF_THE_WORKER)
def check(settings: Settings) -> None:
    """Compare the topics on the broker with what is needed, and say what repairs them.

    Exit code 0: all topics are as they should be. 2: one is not, or no broker can be used.
    """
    faults = asyncio.run(_check(settings))
    if not faults:
        click.echo(f"The topics of {settings.app_id} are as they should be.")
    _end(faults)


async def make_topics(
    settings: Settings, partitions: int | None = None, replication: int | None = None
) -> Creation:
    """Make the topics that are missing; None for the broker's own numbers.

    Raises:
        BrokerError: no broker can be used.
    """
    async with connected_admin(client_options(settings), tell=_tell) as admin:
        return await create_topics(admin, settings.app_id, partitions=partitions, replication=replication)


async def _check(settings: Settings) -> list[Fault]:
    async with connected_admin(client_options(settings), tell=_tell) as admin:
        return await find_faults(admin, settings.app_id)


def _tell(message: str) -> None:
    click.echo(message, err=True)


def _rows(done: Creation) -> list[tuple[str, str, str, str]]:
    differ = {fault.topic for fault in done.faults}
    rows = []
    for topic in done.topics:
        found = done.found.get(topic.name)
        state = "differs" if topic.name in differ else "made" if topic.name in done.made else "was there"
        numbers = ("-", "-") if found is None else (str(found.partitions), str(found.replicas))
        rows.append((topic.name, *numbers, state if found else "not made"))
    return rows


def _end(faults: list[Fault]) -> None:
    """Name the faults, and end with their exit code."""
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults:
        click.get_current_context().exit(_NOT_AS_WANTED)
