"""Waiting for a broker that can be used, and telling why none can."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from streams.broker_errors import BrokerError, told

COMMAND_WAITS: Final = 15.0
"""Seconds that a command waits."""

_TRY_EVERY: Final = 1.0
_TELL_EVERY: Final = 5.0
_ONE_ANSWER: Final = 5.0
"""Seconds between two rounds, between two messages, and for the answer of one broker."""


async def wait_for_broker(
    options: dict[str, Any], *, limit: float | None, tell: Callable[[str], None]
) -> None:
    """Come back as soon as one of the brokers answers to us.

    What waiting cannot cure, a certificate or a password, ends it at once.

    Args:
        options: arguments of a client, of `client_options`.
        limit: seconds to wait at most; None: until one answers.
        tell: takes a message at the first failure and every few seconds after it.

    Raises:
        BrokerError: with what each broker said last.
    """
    clock = asyncio.get_running_loop()
    end = clock.time() + (math.inf if limit is None else limit)
    next_message = clock.time()
    one_answer = _ONE_ANSWER if limit is None else min(_ONE_ANSWER, limit)
    while (error := await _failure(options, one_answer)) is not None:
        left = end - clock.time()
        if error.lasting:
            raise error
        if left <= 0:
            raise BrokerError(error.kind, f"{error}\nno broker could be used in {limit:g} s")
        if clock.time() >= next_message:
            how_long = "" if limit is None else f", {left:.0f} s at most"
            tell(f"{error}\nwaiting for a broker{how_long}")
            next_message = clock.time() + _TELL_EVERY
        await asyncio.sleep(min(_TRY_EVERY, left))


@asynccontextmanager
async def connected_admin(
    options: dict[str, Any], *, limit: float | None = COMMAND_WAITS, tell: Callable[[str], None]
) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client at work, once a broker answers; closed at the end.

    Raises:
        BrokerError: no broker can be used, or one fails while the client is in use.
    """
    await wait_for_broker(options, limit=limit, tell=tell)
    admin = AIOKafkaAdminClient(**options)
    try:
        await admin.start()
        yield admin
    except (KafkaError, TimeoutError) as error:
        raise told(error, ", ".join(options["bootstrap_servers"])) from error
    finally:
        await admin.close()


async def _failure(options: dict[str, Any], limit: float) -> BrokerError | None:
    """Why no broker can be used; None where one can."""
    found = []
    for host, port, _family in collect_hosts(options["bootstrap_servers"], randomize=False):
        try:
            async with asyncio.timeout(limit):
                await _ask(host, port, options)
        except (KafkaError, OSError, ValueError) as error:  # a TimeoutError is an OSError
            found.append(told(error, f"{host}:{port}"))
        else:
            return None
    waiting = [error for error in found if not error.lasting]
    return BrokerError((waiting or found)[0].kind, "\n".join(map(str, found)))


async def _ask(host: str, port: int, options: dict[str, Any]) -> None:
    """One question that only somebody who is let in gets answered."""
    arguments = {name: value for name, value in options.items() if name != "bootstrap_servers"}
    connection = await create_conn(host, port, **arguments)
    try:
        await connection.send(MetadataRequest([]))
    finally:
        connection.close()
