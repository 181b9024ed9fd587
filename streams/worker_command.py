"""`dripline worker`."""

from __future__ import annotations

import asyncio

import click

from streams.kafka_command import with_settings
from streams.log import set_up_logging
from streams.settings import Settings


@click.command("worker")
@with_settings()
def worker_command(settings: Settings) -> None:
    """Screen the topic of claim lines in real time.

    Runs until SIGTERM or SIGINT. Exit code 0: stopped in order. 1: an error, named by the last line of the
    log; nothing of what it concerns is committed. 2: the settings, the topics, the policy or the state are
    not as they should be.
    """
    from streams import worker  # noqa: PLC0415 - Faust takes half a second to import

    set_up_logging(settings.log_level)
    code = asyncio.run(worker.run(settings))
    if code:
        click.get_current_context().exit(code)
