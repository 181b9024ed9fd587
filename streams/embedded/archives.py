"""Class archives, which halve the time that the broker takes to start.

A class archive is what Java read from the jars, kept in a form that it maps into memory: `base.jsa` with
Java's own classes, `broker.jsa` on top with the broker's. The second is written by a broker at its first
orderly stop. Java checks an archive and goes on without one that does not fit.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from streams.embedded.cache import locked
from streams.embedded.extras import java_home
from streams.embedded.java import ARCHIVED, run


@dataclass(frozen=True, slots=True)
class Archives:
    """The class archives of one Java, in a folder of their own."""

    folder: Path

    def options(self, written: Path | None) -> list[str]:
        """Flags that use the archives; where there is none of the broker, one is written to `written`."""
        broker, base = self.folder / "broker.jsa", self.folder / "base.jsa"
        if broker.is_file():
            return [f"-XX:SharedArchiveFile={broker}"]
        if base.is_file() and written is not None:
            return [f"-XX:SharedArchiveFile={base}", f"-XX:ArchiveClassesAtExit={written}"]
        return []

    def keep(self, written: Path) -> None:
        """Take over the archive that a broker wrote when it stopped, if it did."""
        if written.is_file():
            with tempfile.TemporaryDirectory(dir=self.folder) as place:
                whole = Path(place) / "broker.jsa"
                shutil.move(written, whole)
                whole.replace(self.folder / "broker.jsa")


def archives(cache: Path) -> Archives:
    """The archives of our Java; the base is made if there is none, which takes a second or two.

    Each Java has its own: an archive fits only the installation that wrote it. Those of an installation that
    is gone are deleted.
    """
    modules = java_home() / "lib" / "modules"
    state = modules.stat()
    stamp = f"{modules}\n{state.st_size}\n{state.st_mtime_ns}\n{' '.join(ARCHIVED)}\n"
    folder = cache / f"java-{hashlib.sha256(str(modules).encode()).hexdigest()[:12]}"
    with locked(cache / "java.lock"):
        for other in cache.glob("java-*"):
            if not Path(_stamp(other).partition("\n")[0]).is_file():
                shutil.rmtree(other, ignore_errors=True)
        if _stamp(folder) != stamp:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            options = ["-Xshare:dump", f"-XX:SharedArchiveFile={folder / 'base.jsa'}"]
            run([str(java_home() / "bin" / "java"), *ARCHIVED, *options], "Making Java's class archive")
            (folder / "stamp").write_text(stamp, encoding="utf-8")
    return Archives(folder)


def _stamp(folder: Path) -> str:
    path = folder / "stamp"
    return path.read_text(encoding="utf-8") if path.is_file() else ""
