"""`dripline worker`: screens the topic in real time until it is told to stop.

Every unexpected error ends the process before the offset of what it concerns is committed, with a last
line that names the cause and exit code 1; a fault of configuration ends it with exit code 2. SIGTERM
finishes the step at work, commits, and ends with 0.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Final

from policy import load_policy
from policy.document import Policy
from streams.app import Connection, WorkerApp, make_app
from streams.collector import collect_seldom
from streams.failing import CONFIGURATION, fail, fail_with_task, say_unheard
from streams.faust_options import broker_credentials, broker_urls
from streams.kafka_options import client_options
from streams.log import tell
from streams.metrics.broker_view import BrokerView
from streams.metrics.declared import OFFSETS_FAILED
from streams.metrics.sampler import Sampler
from streams.metrics.steps import StepCounter
from streams.settings import Settings
from streams.startup import Front, look_at_topics
from streams.store import Store
from streams.stores import new_store_of
from streams.ticks import Ticker
from streams.watch import watch, watched_loop

DONE: Final = 0
STOPS_WITHIN: Final = 18.0
"""Seconds that an orderly stop may take."""


async def run(settings: Settings) -> int:
    """Work until SIGTERM or SIGINT; the exit code.

    Raises:
        PolicyError, SettingsError, BrokerError: a fault of configuration.
    """
    policy = load_policy(
        settings.policy, exemptions=settings.exemptions, settle_after_us=settings.settle_after
    )
    new_store = new_store_of(settings)
    options = client_options(settings)
    front = Front(policy, settings.http_host, settings.http_port)
    asyncio.get_running_loop().set_exception_handler(say_unheard)
    try:
        with watched_loop(front.health, fail):
            looking = look_at_topics(
                settings.app_id, options, front.health, lambda text: tell("waiting", why=text)
            )
            faults = await front.unless_stopped(looking)
            if faults:
                tell("worker stops", level=logging.CRITICAL, why="; ".join(map(str, faults)))
                return CONFIGURATION
            if faults is not None:
                await _work(settings, options, policy, new_store, front)
            tell("worker stopped")
            return DONE
    finally:
        front.close()


async def _work(
    settings: Settings,
    options: dict[str, Any],
    policy: Policy,
    new_store: Callable[[int], Store],
    front: Front,
) -> None:
    sheet, health = front.sheet, front.health
    counter = StepCounter(sheet, policy)
    connection = Connection(
        settings.app_id,
        broker_urls(settings),
        settings.instance_id,
        settings.session_timeout / 1e6,
        broker_credentials(settings),
        options,
    )
    app = make_app(policy, connection, new_store=new_store, watcher=counter, fail=fail)
    view = BrokerView(options, settings.app_id, lambda: app.mine, lambda: sheet.count(OFFSETS_FAILED))
    ticker = Ticker(lambda: app.chains, policy.settle_after, time.monotonic)
    sampler = Sampler(app, sheet, view, ticker, lambda: _not_ready(app, view))
    app.finalize()
    app.connect()
    health.reason, health.stuck = (lambda: _not_ready(app, view)), sampler.stuck
    work = (ticker.run(), sampler.run(), view.run(), watch(app, counter, sampler, fail), collect_seldom())
    tasks = [asyncio.ensure_future(each) for each in work]
    for task in tasks:
        task.add_done_callback(fail_with_task)
    # The start ends once the state is recovered; whoever looks does so before, and a stop may come before.
    starting, stopping = asyncio.ensure_future(app.start()), asyncio.ensure_future(front.stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        await starting
        tell("worker started", app_id=settings.app_id, policy=policy.policy_id)
        await stopping
    starting.cancel()
    for task in tasks:
        task.cancel()
    health.reason, health.stuck = (lambda: "the worker is being stopped"), (lambda: None)
    await _stop(app)


async def _stop(app: WorkerApp) -> None:
    """Stop in order; where that takes too long, at once: nothing is lost by it."""
    try:
        await asyncio.wait_for(app.stop(), STOPS_WITHIN)
    except TimeoutError:
        tell("stopped late", level=logging.WARNING)
    app.chains.stop()
    app.lines_table.reset_state()


def _not_ready(app: WorkerApp, view: BrokerView) -> str | None:
    """Why the worker is not ready, or None where it is."""
    if view.missing:
        return f"topics are missing: {', '.join(view.missing)}"
    unsettled, silent = app.unsettled, view.silent()
    if unsettled and silent:
        return f"the brokers have not answered for {silent:.0f} s, and {unsettled}"
    return unsettled or app.lost
