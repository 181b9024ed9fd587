"""`dripline health`: what a worker's probes answer, for a person or a script beside it."""

from __future__ import annotations

import urllib.error
import urllib.request
from http import HTTPStatus
from typing import Final

import click

from streams.settings import Settings, env_name, option_name

NOT_WELL: Final = 1
ANSWERS_WITHIN: Final = 5.0
"""Seconds for each answer."""
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound here
"""Whom to ask where a worker serves on every address."""


def _default(name: str) -> str:
    return str(Settings.model_fields[name].default)


@click.command("health")
@click.option(
    option_name("http_host"),
    envvar=env_name("http_host"),
    default=_default("http_host"),
    show_default=True,
    metavar="HOST",
    help=f"Address on which the worker serves.  [env: {env_name('http_host')}]",
)
@click.option(
    option_name("http_port"),
    envvar=env_name("http_port"),
    default=_default("http_port"),
    show_default=True,
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help=f"Port on which the worker serves.  [env: {env_name('http_port')}]",
)
def health_command(http_host: str, http_port: int) -> None:
    """Ask a worker whether it is ready and live, and say what it answers.

    Exit code 0: it is both. 1: it is not, with the reason, or it does not answer.
    """
    host = _EVERYWHERE.get(http_host, http_host)
    place = f"[{host}]:{http_port}" if ":" in host else f"{host}:{http_port}"
    answers = {path: _ask(f"http://{place}{path}") for path in ("/readyz", "/livez")}
    for path, (status, text) in answers.items():
        click.echo(f"{path:<8} {status or '-':<4} {text}")
    if any(status != HTTPStatus.OK for status, _ in answers.values()):
        click.get_current_context().exit(NOT_WELL)


def _ask(url: str) -> tuple[int, str]:
    """Status and text of an answer; 0 where there is none."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=ANSWERS_WITHIN) as answer:
            return answer.status, answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode().strip()
    except OSError as error:  # a URLError is one
        cause = getattr(error, "reason", error)
        return 0, f"no answer ({getattr(cause, 'strerror', None) or cause})"
