"""`python -m deploy.prometheus` copies the rules for the Prometheus Operator; `--check` compares.

`deploy/prometheus/rules` is what is edited, and what docker-compose.yml uses, with the runbooks that its
Grafana serves. Nobody beside that machine can open those, so the copy has another address: that of a folder
with the pages of docs/runbooks, given with `--runbooks URL`. The copy keeps it from then on.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import indent
from typing import Final

RULES: Final = Path(__file__).parent / "rules"
COPY: Final = Path(__file__).parents[1] / "kubernetes" / "components" / "alerts" / "prometheus-rule.yaml"
REPLACE_ME: Final = "https://replace-me.example.org/dripline/runbooks"
"""Where the runbooks are as long as nobody has said it: nowhere, as can be seen."""
_HEAD: Final = """\
# Copied from deploy/prometheus/rules by `make alerts`; do not edit.
# Where your runbooks are: `make alerts RUNBOOKS=URL`.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: dripline
  labels:
    app.kubernetes.io/name: dripline
    app.kubernetes.io/component: worker
spec:
  groups:
"""
_RUNBOOK: Final = re.compile(r"(?<=runbook_url: )\S+(?=/\w+\.md)")


def prometheus_rule(runbooks: str, rules: Path = RULES) -> str:
    """All groups of all rule files as one PrometheusRule.

    Args:
        runbooks: the address of the folder of the pages.
        rules: the folder of the rule files.
    """
    groups = [file.read_text("utf-8").partition("groups:\n")[2] for file in sorted(rules.glob("*.yml"))]
    text = "\n".join(indent(group, "  ") for group in groups)
    return _HEAD + _RUNBOOK.sub(lambda _: runbooks.rstrip("/"), text)


def runbooks_of(copy: Path = COPY) -> str:
    """The address of the runbooks that a copy has."""
    found = _RUNBOOK.search(copy.read_text("utf-8")) if copy.exists() else None
    return found[0] if found else REPLACE_ME


def main(arguments: Sequence[str] = (), rules: Path = RULES, copy: Path = COPY) -> int:
    """Write or check the copy; 1 where it is out of step."""
    parser = argparse.ArgumentParser(prog="python -m deploy.prometheus")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 where the copy is out of step")
    parser.add_argument("--runbooks", metavar="URL", help="where the pages of docs/runbooks are served")
    given = parser.parse_args(list(arguments))
    made = prometheus_rule(given.runbooks or runbooks_of(copy), rules)
    if copy.exists() and copy.read_text("utf-8") == made:
        return 0
    if given.check:
        sys.stderr.write(f"out of step: {copy.name} of Kubernetes; run make alerts\n")
        return 1
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
