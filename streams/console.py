"""Where commands print: consoles of one kind, and what they do when nobody reads them any more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

import click
from rich.console import Console

_WIDEST: Final = 120
"""Columns used of a wide terminal."""
_PIPE: Final = 240
"""Columns in a pipe: more than any table needs."""
_UNHEARD: Final = "streams.console.unheard"


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let the command group end the command; rich itself would end it with 1, a fault of the program."""
        raise BrokenPipeError


def console(file: IO[str] | None = None, *, stderr: bool = False) -> Console:
    """A console that takes every text as it stands and never wraps in a pipe.

    What prints on it raises `BrokenPipeError` where nobody reads any more.
    """
    out = _Console(file=file, stderr=stderr, markup=False, emoji=False, highlight=False)
    out.width = min(out.width, _WIDEST) if out.is_terminal else _PIPE
    return out


@contextmanager
def unheard(stream: IO[str]) -> Iterator[None]:
    """Go on where the reader of a stream has gone: for what is said of work whose results are wanted anyway.

    What is said there later goes nowhere; once the work is done, `was_unheard` says so.
    """
    try:
        yield
    except BrokenPipeError:
        drop(stream)
        context = click.get_current_context(silent=True)
        if context is not None:
            context.meta[_UNHEARD] = True


def was_unheard(context: click.Context) -> bool:
    """Whether the running command has said something to a reader that has gone, and went on."""
    return _UNHEARD in context.meta


def drop(stream: IO[str]) -> None:
    """Let go nowhere what is still buffered for a stream: it would be flushed at exit, and fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
