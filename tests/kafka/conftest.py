"""A real broker for the tests of this folder."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def kafka() -> str:
    """The bootstrap servers of a broker on which tests may make and delete topics."""
    servers = os.environ.get("DRIPLINE_TEST_BOOTSTRAP")
    if not servers:
        pytest.fail("these tests need a broker: DRIPLINE_TEST_BOOTSTRAP=host:port")
    return servers
