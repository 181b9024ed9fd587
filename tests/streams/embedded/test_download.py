"""Laws of fetching one jar, by jgo from a Maven repository on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from streams.embedded.extras import EmbeddedKafkaError
from streams.embedded.maven import download


class Repository(ThreadingHTTPServer):
    """A Maven repository with one jar that fails a number of times first."""

    failures = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def remote(self) -> dict[str, str]:
        """Its name and address."""
        return {"central": f"http://127.0.0.1:{self.server_port}/maven2"}


class _Handler(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        """Answer a download."""
        if self.path != "/maven2/org/example/part/1.0/part-1.0.jar":
            self.send_error(404)
        elif self.server.failures:
            self.server.failures -= 1
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"cut off")
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"whole")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """The repository at work, without waiting between attempts."""
    monkeypatch.setattr("streams.embedded.maven.time.sleep", lambda _: None)
    with Repository() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_a_jar_that_is_cut_off_is_fetched_again(
    repository: Repository, tmp_path: Path, failures: int
) -> None:
    """A download that breaks off is not taken for a whole jar; it is tried three times."""
    repository.failures = failures
    assert download("org.example:part:1.0", tmp_path, repository.remote).read_bytes() == b"whole"


def test_a_jar_that_cannot_be_had_is_named(repository: Repository, tmp_path: Path) -> None:
    """In the end the message names the jar and the addresses asked."""
    repository.failures = 3
    with pytest.raises(EmbeddedKafkaError, match=r"fetch org\.example:part:1\.0 from http://127\.0\.0\.1"):
        download("org.example:part:1.0", tmp_path, repository.remote)
