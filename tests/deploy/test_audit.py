"""Laws of the audit: an answer is told from no answer, whatever pip-audit's own exit code says."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.supply.audit import CLEAN, FOUND, NOT_ASKED, main

SOUND = {"name": "click", "version": "8.3.3", "vulns": []}
ILL = {
    "name": "rich",
    "version": "15.0.0",
    "vulns": [{"id": "GHSA-1", "fix_versions": ["15.0.1"], "aliases": []}],
}
UNKNOWN = {"name": "click", "skip_reason": "not found on PyPI"}
Report = list[dict[str, Any]] | str
"""The packages of a report, or the last line of an error."""
Audit = Callable[..., int]


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """A run of the audit with a pip-audit that gives these reports."""

    def run(pypi: Report, osv: Report = "no network", accepted: str = "", *options: str) -> int:
        (tmp_path / "reports.json").write_text(json.dumps({"pypi": pypi, "osv": osv}), "utf-8")
        tool = tmp_path / "pip-audit"
        tool.write_text(
            f"#!{sys.executable}\n"
            "import json, pathlib, sys\n"
            "reports = json.loads(pathlib.Path(__file__).with_name('reports.json').read_text())\n"
            "report = reports[sys.argv[sys.argv.index('-s') + 1]]\n"
            "if isinstance(report, str):\n"
            "    print('a traceback', report, sep='\\n', file=sys.stderr)\n"
            "    sys.exit(2 if report == 'usage' else 1)\n"
            "print(json.dumps({'dependencies': report, 'fixes': []}))\n"
            "sys.exit(any(each.get('vulns') for each in report))\n",
            "utf-8",
        )
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        project = tmp_path / "pyproject.toml"
        project.write_text(f"[tool.dripline.audit]\naccepted = {{{accepted}}}\n", "utf-8")
        return main([str(tool), str(tmp_path / "pins.txt"), str(project), *options])

    return run


def test_sound_packages_pass(audit: Audit) -> None:
    """Every package was asked about and none is vulnerable: 0."""
    assert audit([SOUND]) == CLEAN


def test_a_vulnerability_fails(audit: Audit, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named with the version that repairs it, and no option lets it pass."""
    assert audit([SOUND, ILL], "", "", "--go-on-unasked") == FOUND
    assert "GHSA-1: rich 15.0.0, repaired in 15.0.1" in capsys.readouterr().out


def test_a_skipped_package_is_no_sound_package(audit: Audit, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a service knows nothing, pip-audit ends with 0, and the audit says that it could not ask."""
    assert audit([UNKNOWN]) == NOT_ASKED
    told = capsys.readouterr().out
    assert "COULD NOT ASK" in told
    assert "pypi: knows nothing of 1 packages" in told
    assert "osv: no network" in told


def test_no_report_is_no_answer(audit: Audit) -> None:
    """A pip-audit that fails, and one that looked at nothing, say nothing of any package."""
    assert audit("no network") == NOT_ASKED
    assert audit([], []) == NOT_ASKED


def test_a_wrong_call_is_no_missing_answer(audit: Audit) -> None:
    """Where pip-audit does not understand its options, the audit fails, whatever was asked for."""
    with pytest.raises(RuntimeError, match="usage"):
        audit("usage", "usage", "", "--go-on-unasked")


def test_the_second_service_answers_for_the_first(audit: Audit) -> None:
    """What PyPI cannot tell, OSV may, for better or worse."""
    assert audit("no network", [SOUND]) == CLEAN
    assert audit([UNKNOWN], [SOUND]) == CLEAN
    assert audit([UNKNOWN], [SOUND, ILL]) == FOUND


def test_found_comes_before_not_asked(audit: Audit) -> None:
    """A vulnerability fails the audit also where other packages could not be asked about."""
    assert audit([UNKNOWN, ILL]) == FOUND


def test_no_answer_may_pass_where_that_is_asked_for(audit: Audit, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--go-on-unasked` no answer is said as loudly, and ends with 0."""
    assert audit("no network", "no network", "", "--go-on-unasked") == CLEAN
    assert "COULD NOT ASK" in capsys.readouterr().out


def test_what_was_accepted_passes_and_is_named(audit: Audit, capsys: pytest.CaptureFixture[str]) -> None:
    """An accepted vulnerability is told with its reason; one that is gone is told as well."""
    assert audit([ILL], "", '"GHSA-1" = "not reached", "GHSA-2" = "old"') == CLEAN
    told = capsys.readouterr().out
    assert "accepted: not reached" in told
    assert "GHSA-2: accepted in pyproject.toml, and not found any more" in told
