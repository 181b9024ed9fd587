"""`dripline intake` and `dripline screen` with 837 files, as their user calls them."""

from __future__ import annotations

import gzip
import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from streams.cli import dripline
from streams.intake.faults import COSTS
from tests.streams.intake.sample import PHARMACY, codes, header, line, one_file, sample, taken_in

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "intake.md").read_text("utf-8")
WHOLE = "".join(sample()[0]).encode()
SECRET = "ANNASECRET"
PER_DIEM = line("P", 1, "S9500", "98", "1", "20260201")
BAD = one_file(
    [*header("P", SECRET, "98"), *line("P", 1, f"{SECRET}", "98", "1", "20260201")],
    [*header("P", f"{SECRET}-2", "98"), *PER_DIEM],
    [*header("P", f"{SECRET}-3", "98", "8"), *PER_DIEM],
)
"""A claim whose only line has no code, a sound one, and a void of nothing."""


def run(*arguments: object, stdin: bytes | None = None) -> Result:
    """A command of dripline."""
    return CliRunner().invoke(dripline, [str(argument) for argument in arguments], input=stdin)


def read(path: Path) -> list[dict[str, Any]]:
    """The objects of a file."""
    return [json.loads(text) for text in path.read_text().splitlines()]


def test_lines_are_the_events(tmp_path: Path) -> None:
    """A file, a gzip file, standard input and output, and a second intake all give the same lines."""
    (tmp_path / "claims.837").write_bytes(WHOLE)
    (tmp_path / "packed").write_bytes(gzip.compress(WHOLE))
    outs = [tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"]
    assert run("intake", tmp_path / "claims.837", "--out", outs[0]).exit_code == 0
    assert run("intake", tmp_path / "packed", "--out", outs[1]).exit_code == 0
    piped = run("intake", "-", "--quiet", stdin=WHOLE)
    assert read(outs[0]) == taken_in(WHOLE)[0]
    assert outs[0].read_bytes() == gzip.decompress(outs[1].read_bytes()) == piped.stdout_bytes
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.faults.jsonl",
        "a.jsonl",
        "b.faults.jsonl",
        "b.jsonl.gz",
        "claims.837",
        "packed",
    ]


def test_several_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    """Each file is one of its own, cut off or not, and faults name it."""
    good, cut = tmp_path / "good.837", tmp_path / "cut.837"
    good.write_bytes(one_file([*header("P", "C1", "98"), *PER_DIEM]))
    cut.write_bytes(good.read_bytes()[:-15])
    out = tmp_path / "lines.jsonl"
    assert run("intake", cut, good, good, "--out", out).exit_code == 0
    assert len(read(out)) == 3
    assert {fault["file"] for fault in read(tmp_path / "lines.faults.jsonl")} >= {str(cut)}


def test_faults_are_written_beside_without_values(tmp_path: Path) -> None:
    """A fault has its place, code and cost, and no value; --strict makes exit code 3 of it."""
    path, out = tmp_path / "claims.837", tmp_path / "lines.jsonl"
    path.write_bytes(BAD)
    result = run("intake", path, "--out", out, "--strict")
    assert result.exit_code == 3
    assert len(read(out)) == 1
    faults = read(tmp_path / "lines.faults.jsonl")
    assert [
        (fault["claim"], fault["line"], fault["loop"], fault["element"], fault["code"], fault["costs"])
        for fault in faults
    ] == [
        (1, 1, "2400", "SV101-2", "code_invalid", "line"),
        (3, None, "2300", "REF02", "original_missing", "claim"),
    ]
    assert {fault["file"] for fault in faults} == {str(path)}
    schema = json.loads((ROOT / "docs" / "schemas" / "fault-line.schema.json").read_text())
    for fault in faults:
        jsonschema.validate(fault, schema)
    assert SECRET not in (tmp_path / "lines.faults.jsonl").read_text() + result.output
    for said in ("claims refused", "2", "code_invalid", "original_missing"):
        assert said in result.output


def test_without_a_file_faults_go_to_standard_error() -> None:
    """Where lines go to standard output, faults go to standard error, and the summary too."""
    result = run("intake", "-", stdin=BAD)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    told = [json.loads(text) for text in result.stderr.splitlines() if text.startswith("{")]
    assert [fault["code"] for fault in told] == ["code_invalid", "original_missing"]
    assert "claims refused" in result.stderr


def test_a_file_of_other_things_has_a_fault(tmp_path: Path) -> None:
    """An input that is no 837 is told as such, and is a loss under --strict."""
    path = tmp_path / "claims.txt"
    path.write_text("no claims here\n")
    result = run("intake", path, "--out", tmp_path / "lines.jsonl", "--strict")
    assert result.exit_code == 3
    assert [fault["code"] for fault in read(tmp_path / "lines.faults.jsonl")] == ["isa_unreadable"]


@pytest.mark.parametrize("data", [b"", b" \r\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file_has_a_fault(tmp_path: Path, data: bytes) -> None:
    """A file without a segment may be one that was cut off at its head: it is told, and is a loss."""
    path, faults = tmp_path / "claims.837", tmp_path / "lines.faults.jsonl"
    path.write_bytes(data)
    assert run("intake", path, "--out", tmp_path / "lines.jsonl", "--strict", "--quiet").exit_code == 3
    (fault,) = read(faults)
    assert (fault["code"], fault["costs"], fault["file"]) == ("file_empty", "interchange", str(path))


@pytest.mark.parametrize(
    "arguments",
    [
        ("nowhere.837",),
        ("claims.837", "--claim-id", "other"),
        ("claims.837", "--claim-id", "map:nowhere.csv"),
        ("claims.837", "--received-at", "today"),
        ("claims.837", "--rate", "5"),
        ("claims.837", "--bootstrap-servers", "localhost:1"),
        ("claims.837", "--out", "claims.837"),
        ("claims.837", "--out", "."),
        ("claims.837", "--faults", "claims.837"),
        ("claims.837", "--out", "no/such/folder.jsonl"),
        ("claims.837", "--to-topic", "--out", "lines.jsonl"),
        (),
    ],
)
def test_wrong_use_exits_2_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """A wrong input, option or output is a plain message, and no file appears."""
    monkeypatch.chdir(tmp_path)
    Path("claims.837").write_bytes(WHOLE)
    result = run("intake", *arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["claims.837"]
    assert Path("claims.837").read_bytes() == WHOLE


def test_a_cut_gzip_leaves_no_file(tmp_path: Path) -> None:
    """Where an input breaks off in its packing, nothing is left under a final name."""
    path = tmp_path / "claims.837.gz"
    path.write_bytes(gzip.compress(WHOLE * 100)[:-200])
    assert run("intake", path, "--out", tmp_path / "lines.jsonl").exit_code == 2
    assert [each.name for each in tmp_path.iterdir()] == ["claims.837.gz"]


@pytest.mark.parametrize("packed", [False, True])
def test_an_837_is_screened_directly(tmp_path: Path, packed: bool) -> None:
    """`screen` of an 837, plain or gzip, gives what `screen` of its lines gives."""
    path, lines = tmp_path / "claims", tmp_path / "lines.jsonl"
    path.write_bytes(gzip.compress(WHOLE) if packed else WHOLE)
    assert run("intake", path, "--out", lines, "--claim-id", "ref-d9").exit_code == 0
    for source, out in ((path, "a"), (lines, "b")):
        assert run("screen", source, "--out", tmp_path / out, "--claim-id", "ref-d9").exit_code == 0
    for name in ("edits.jsonl", "verdicts.jsonl", "rejects.jsonl"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert read(tmp_path / "a" / "edits.jsonl")
    assert not (tmp_path / "a" / "faults.jsonl").exists()


def test_screen_tells_what_it_could_not_use(tmp_path: Path) -> None:
    """Faults of an 837 are written beside the results, count for --strict, and are gone with the next run."""
    path, out = tmp_path / "claims.837", tmp_path / "out"
    path.write_bytes(BAD)
    result = run("screen", path, "--out", out, "--strict")
    assert result.exit_code == 3
    assert [fault["code"] for fault in read(out / "faults.jsonl")] == ["code_invalid", "original_missing"]
    assert "claims refused" in result.output
    assert "faults.jsonl (2 faults)" in result.output
    assert SECRET + "-2" in (out / "verdicts.jsonl").read_text()
    path.write_bytes(one_file([*header("P", "C1", "98"), *PER_DIEM]))
    assert run("screen", path, "--out", out, "--strict").exit_code == 0
    assert not (out / "faults.jsonl").exists()


def test_lines_and_837_files_are_screened_together(tmp_path: Path) -> None:
    """Inputs of both forms are one input; a rejected line of an 837 has the place of its LX."""
    claims, lines = tmp_path / "claims.837", tmp_path / "lines.jsonl"
    claims.write_bytes(one_file([*header("P", "C1", "98"), *line("P", 1, "S9500", "98", "1", "20210201")]))
    lines.write_text("{}\n")
    assert run("screen", claims, lines, "--out", tmp_path / "out").exit_code == 0
    rejects = read(tmp_path / "out" / "rejects.jsonl")
    assert [(each["file"], each["line"], each["reasons"][0]["code"]) for each in rejects] == [
        (str(claims), 15, "outside_history"),
        (str(lines), 1, "missing"),
    ]
    assert claims.read_text().splitlines()[14] == "LX*1~"
    assert json.loads(rejects[0]["raw"])["claim_id"] == f"{PHARMACY}-C1"


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every dripline command of docs/intake.md that needs no broker ends with exit code 0, in their order."""
    commands = re.findall(r"^\.venv/bin/dripline (.+)$", PAGE, re.MULTILINE)
    commands = [command for command in commands if "--to-topic" not in command]
    assert len(commands) >= 4
    monkeypatch.chdir(tmp_path)
    rows = re.search(r"```csv\n(.+?)```", PAGE, re.DOTALL)
    assert rows is not None
    Path("numbers.csv").write_text(rows[1])
    for command in commands:
        result = run(*shlex.split(command))
        assert result.exit_code == 0, command


def test_the_page_names_every_fault() -> None:
    """docs/intake.md lists every code with what it costs and says."""
    for code, (cost, message) in COSTS.items():
        assert f"| `{code}` | {cost} | {message} |" in PAGE


def test_the_page_tells_no_other_faults() -> None:
    """Every code in the page's list is one that there is."""
    assert set(
        re.findall(r"^\| `(\w+)` \| (?:nothing|line|claim|transaction|interchange) \|", PAGE, re.MULTILINE)
    ) == set(COSTS)


def test_every_fault_is_met() -> None:
    """The codes that the tests of traps expect are those that there are."""
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [code for code in COSTS if f'"{code}"' not in tests] == []
    assert codes(taken_in(BAD)[1]) == ["code_invalid", "original_missing"]
