"""What is wrong with a policy folder or an exemptions file, all of it at once, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault and where it is.

    Attributes:
        file: the file's path inside the policy folder, or the exemptions file as it was named.
        row: the line of the file, 1 = first; in a JSON list the number of the entry; None where the
            whole file is meant.
        column: the column of a table or the dotted key of a TOML file, or None.
        message: what is wrong, for people. Never quotes an exemption's values.
    """

    file: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        """The problem as one line: `file:row: column: message`."""
        place = self.file if self.row is None else f"{self.file}:{self.row}"
        return ": ".join(part for part in (place, self.column, self.message) if part)


class PolicyError(ValueError):
    """A policy or an exemptions file is refused. `problems` lists everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems, sorted by file and row."""
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem.row or 0)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class Report:
    """Collects problems while files are read, so that one run names them all."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, file: str, row: int | None, column: str | None, message: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(file, row, column, message))

    def check(self) -> None:
        """Go on only if nothing is wrong.

        Raises:
            PolicyError: with all problems noted so far.
        """
        if self.problems:
            raise PolicyError(tuple(self.problems))


def quoted(value: str) -> str:
    """A value from a policy file for a message: in quotes, escaped, cut where it is long."""
    shown = value if len(value) <= 40 else value[:40] + "..."  # noqa: PLR2004 - as much as fits a table
    return repr(shown)
