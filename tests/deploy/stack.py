"""A real Prometheus for a test: started with a configuration, asked, stopped."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from deploy.grafana.ask import SCRAPE, Prometheus
from deploy.prometheus.__main__ import RULES
from tests.kafka.live import free_port

needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="prometheus and promtool are not installed",
)
"""A test that runs Prometheus."""

JOB, NAMESPACE = "dripline", "test"
EVERY = int(SCRAPE)
"""Seconds between two scrapes, as in deploy/prometheus/prometheus.yml."""
RECORDING: Final = {"rule_files": [str(RULES / "*.yml")]}
"""The section of a configuration that loads our rules, for dashboards show what some of them record."""


def scraping(workers: Mapping[str, str], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any configuration
    """A configuration that scrapes workers, by their names as instances; `more` are other sections of it."""
    targets = [
        {"targets": [address], "labels": {"instance": name, "namespace": NAMESPACE}}
        for name, address in workers.items()
    ]
    job = {"job_name": JOB, "static_configs": targets}
    every = {"scrape_interval": f"{EVERY}s", "scrape_timeout": "4s", "evaluation_interval": f"{EVERY}s"}
    return {"global": every, "scrape_configs": [job], **more}


class RunningPrometheus(Prometheus):
    """A Prometheus on a free port of 127.0.0.1; a context manager.

    Args:
        folder: its data, `data` in it, and its configuration.
        config: the configuration, as Prometheus reads it; paths in it are relative to the folder.
    """

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self._port = free_port()
        super().__init__(f"http://127.0.0.1:{self._port}")
        self._folder = folder
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / "prometheus.yml"
        file.write_text(json.dumps(self._config))  # JSON is YAML
        command = [
            "prometheus",
            f"--config.file={file}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            "--storage.tsdb.retention.time=60d",
            f"--web.listen-address=127.0.0.1:{self._port}",
        ]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            self._wait_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    @property
    def _log(self) -> Path:
        return self._folder / "prometheus.log"

    def _wait_ready(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self._process is not None
            assert self._process.poll() is None, self._log.read_text()[-2000:]
            try:
                with urlopen(f"http://127.0.0.1:{self._port}/-/ready", timeout=2):
                    return
            except (URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(self._log.read_text()[-2000:])

    def wait_for(self, query: str, seconds: float = 60) -> float:
        """Wait until a query has an answer that is not 0; the first value of it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for found in self.instant(query, time.time()):
                if found.points[0][1]:
                    return found.points[0][1]
            time.sleep(0.2)
        raise AssertionError(f"no answer within {seconds:.0f} s: {query}")


def backfilled(folder: Path, openmetrics: str) -> None:
    """Give a Prometheus that is yet to start what happened before: samples as OpenMetrics with times."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = folder / "past.om"
    samples.write_text(openmetrics)
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(samples), str(folder / "data")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def remembering(folder: Path, openmetrics: str) -> Iterator[RunningPrometheus]:
    """A Prometheus that scrapes nobody, and knows what happened before."""
    backfilled(folder, openmetrics)
    with RunningPrometheus(folder, scraping({})) as prometheus:
        yield prometheus
