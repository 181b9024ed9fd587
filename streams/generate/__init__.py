"""Synthetic claim lines for demos, benchmarks and tests: no real member, provider or claim is in them."""

from streams.generate.errors import DEFAULT_ERROR_RATES, ERROR_KINDS
from streams.generate.events import encode_line
from streams.generate.settings import GenerateSettings
from streams.generate.stream import generate_lines, generate_records

__all__ = [
    "DEFAULT_ERROR_RATES",
    "ERROR_KINDS",
    "GenerateSettings",
    "encode_line",
    "generate_lines",
    "generate_records",
]
