"""Ask whether the pinned packages have known vulnerabilities, and tell an answer from no answer.

pip-audit calls a package that a service does not know "skipped", and ends with 0 also where it skipped all:
behind an index that serves no advisories, that looks like a clean bill. So its report is read package by
package. PyPI is asked first, then OSV where PyPI did not answer for all.

Exit codes: 0 all packages were asked about, and none is vulnerable; 1 one is, or the audit itself failed;
3 not all could be asked about.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

CLEAN: Final = 0
FOUND: Final = 1
NOT_ASKED: Final = 3
SERVICES: Final = ("pypi", "osv")
WRONG_USE: Final = 2
"""pip-audit's exit code where it was not called as it wants to be."""
LONGEST: Final = 300.0
"""Seconds that a service may take."""


class NoAnswerError(Exception):
    """A service gave no report."""


@dataclass(slots=True)
class Answers:
    """What the services said.

    Attributes:
        asked: packages with an answer.
        unasked: packages without one.
        found: what is known of a package, by vulnerability.
        silent: why a service gave no answer, or not to all, by its name.
    """

    asked: set[str] = field(default_factory=set)
    unasked: set[str] = field(default_factory=set)
    found: dict[str, str] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every package has its answer."""
        return bool(self.asked) and not self.unasked

    def note(self, service: str, packages: Sequence[Mapping[str, Any]]) -> None:
        """Take in what a service said of the packages."""
        answered = {each["name"] for each in packages if "skip_reason" not in each}
        self.asked |= answered
        self.unasked = {each["name"] for each in packages} - self.asked
        if len(answered) < len(packages):
            self.silent[service] = f"knows nothing of {len(packages) - len(answered)} packages"
        for each in packages:
            for known in each.get("vulns", ()):
                repaired = ", ".join(known["fix_versions"]) or "no version yet"
                self.found[known["id"]] = f"{each['name']} {each['version']}, repaired in {repaired}"


def ask(tool: str, pins: Path) -> Answers:
    """Ask the services in turn, until every package has its answer."""
    answers = Answers()
    for service in SERVICES:
        try:
            answers.note(service, _asked(tool, service, pins))
        except NoAnswerError as error:
            answers.silent[service] = str(error)
        if answers.complete:
            break
    return answers


def _asked(tool: str, service: str, pins: Path) -> list[dict[str, Any]]:
    command = [tool, "-s", service, "-r", str(pins), "--require-hashes", "--disable-pip"]
    command += ["--format", "json", "--desc", "off", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        raise NoAnswerError(f"no answer within {LONGEST:.0f} s") from None
    if done.returncode == WRONG_USE:
        raise RuntimeError(done.stderr)
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:  # it wrote no report
        why = done.stderr.strip().rpartition("\n")[2]
        raise NoAnswerError(why or f"exit code {done.returncode}") from None
    return packages


def report(answers: Answers, accepted: Mapping[str, str]) -> int:
    """Say what came out; the exit code."""
    for name, what in sorted(answers.found.items()):
        print(f"{name}: {what}" + (f"; accepted: {accepted[name]}" if name in accepted else ""))
    for name in sorted(set(accepted) - set(answers.found)) if answers.complete else ():
        print(f"{name}: accepted in pyproject.toml, and not found any more")
    if not answers.complete:
        print("THE AUDIT COULD NOT ASK ABOUT ALL PACKAGES, so it does not know whether they are sound.")
        for service, why in answers.silent.items():
            print(f"  {service}: {why}")
    if set(answers.found) - set(accepted):
        return FOUND
    if not answers.complete:
        return NOT_ASKED
    print(f"audit: {len(answers.asked)} packages, no vulnerability that is not accepted")
    return CLEAN


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: `audit.py [--go-on-unasked] PIP_AUDIT PINS PYPROJECT`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tool", help="pip-audit")
    parser.add_argument("pins", type=Path, help="requirements with hashes")
    parser.add_argument("project", type=Path, help="pyproject.toml, with [tool.dripline.audit]")
    parser.add_argument("--go-on-unasked", action="store_true", help="say so, and end with 0 instead of 3")
    given = parser.parse_args(arguments)
    own = tomllib.loads(given.project.read_text("utf-8")).get("tool", {}).get("dripline", {})
    code = report(ask(given.tool, given.pins), own.get("audit", {}).get("accepted", {}))
    return CLEAN if code == NOT_ASKED and given.go_on_unasked else code


if __name__ == "__main__":
    sys.exit(main())
