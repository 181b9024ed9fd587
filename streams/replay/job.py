"""The job of a replay: what is read, by which policies, how; kept in its folder, so that it can be resumed.

`manifest.json` is written before the first record is read, and `result.json` when everything is there.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from policy.document import Policy
from policy.load import BUILT_IN, load_policy
from streams.files import InputError, shown
from streams.replay.manifest import Manifest
from streams.results import OutputError

MANIFEST: Final = "manifest.json"
RESULT: Final = "result.json"
STATUS: Final = "status.json"
PARTS: Final = "parts"
POLICIES: Final = "policies"
FORM: Final = 1
"""The form of the folder."""

Mode = Literal["final", "as_published"]
"""What stands at the end, once an edit and claim; or every revision, as the live worker publishes."""
Side = Literal["policy", "against"]
"""The policy that is tried, and the one it is held against."""
Against = Literal["policy", "live"]
"""What a backtest compares with: another policy, or what is published."""


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    """A policy as it is asked for: its folder (None: built in), exemptions, settings replaced."""

    folder: Path | None = None
    exemptions: Path | None = None
    settle_after: int | None = None
    history_days: int | None = None
    retention_days: int | None = None

    def load(self) -> Policy:
        """The policy.

        Raises:
            PolicyError: with everything that is wrong.
        """
        return load_policy(
            self.folder,
            exemptions=self.exemptions,
            settle_after_us=self.settle_after,
            history_days=self.history_days,
            retention_days=self.retention_days,
        )


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """A policy that a result folder keeps: its copy lies in `policies/<side>`."""

    side: Side
    policy_id: str
    policy_version: str
    fingerprint: str
    exemptions: str | None
    settle_after: int | None
    history_days: int | None
    retention_days: int | None


@dataclass(frozen=True, slots=True)
class Job:
    """A replay or a backtest.

    Attributes:
        folder: where everything goes.
        manifest: what is read.
        mode: how it is judged.
        policies: that of the side `policy`, then that of the side `against` where there is one.
        against: what a backtest compares with; None for a replay.
        live: offsets of what is published, where that is compared with.
        sample, seed: claims drawn for each rule and kind of difference, and what they are drawn by.
    """

    folder: Path
    manifest: Manifest
    mode: Mode
    policies: tuple[KeptPolicy, ...]
    against: Against | None = None
    live: tuple[Manifest, ...] = ()
    sample: int = 0
    seed: int = 0

    @property
    def parts(self) -> Path:
        """Where finished pieces of work lie until all are there."""
        return self.folder / PARTS

    def as_json(self) -> dict[str, Any]:
        """As it stands in `manifest.json`."""
        return {
            "form": FORM,
            "mode": self.mode,
            "against": self.against,
            "sample": self.sample,
            "seed": self.seed,
            "policies": [asdict(each) for each in self.policies],
            "live": [each.as_json() for each in self.live],
            "range": self.manifest.as_json(),
        }


def prepare(  # noqa: PLR0913 - a field of the job each
    folder: Path,
    manifest: Manifest,
    mode: Mode,
    policies: Mapping[Side, PolicyChoice],
    *,
    against: Against | None = None,
    live: tuple[Manifest, ...] = (),
    sample: int = 0,
    seed: int = 0,
) -> Job:
    """Make the folder, keep the policies there, and write the manifest.

    Raises:
        PolicyError: a policy cannot be used.
        OutputError: the folder holds something, or cannot be written.
    """
    loaded = {side: choice.load() for side, choice in policies.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise OutputError(f"{shown(str(folder))}: is not empty; --resume goes on with a replay there")
        kept = tuple(_keep(folder, side, policies[side], loaded[side]) for side in policies)
        job = Job(folder, manifest, mode, kept, against, live, sample, seed)
        job.parts.mkdir()
        write_whole(folder / MANIFEST, job.as_json())
    except OSError as error:
        raise cannot_write(folder, error) from error
    return job


def _keep(folder: Path, side: Side, choice: PolicyChoice, policy: Policy) -> KeptPolicy:
    """Copy a policy, with its exemptions, into the result."""
    place = folder / POLICIES / side
    shutil.copytree(choice.folder or BUILT_IN, place)
    exemptions = None
    if choice.exemptions is not None:
        exemptions = f"exemptions{choice.exemptions.suffix or '.json'}"
        shutil.copyfile(choice.exemptions, place / exemptions)
    return KeptPolicy(
        side,
        policy.policy_id,
        policy.versions[-1].version,
        policy.fingerprint,
        exemptions,
        choice.settle_after,
        choice.history_days,
        choice.retention_days,
    )


def read_job(folder: Path) -> Job:
    """The job of a folder.

    Raises:
        InputError: the folder holds none, or one of another form.
    """
    try:
        stored = json.loads((folder / MANIFEST).read_text("utf-8"))
        if stored["form"] != FORM:
            raise InputError(f"{shown(str(folder))}: was made by another version of dripline")
        return Job(
            folder=folder,
            manifest=Manifest.of_json(stored["range"]),
            mode=stored["mode"],
            policies=tuple(KeptPolicy(**each) for each in stored["policies"]),
            against=stored["against"],
            live=tuple(Manifest.of_json(each) for each in stored["live"]),
            sample=stored["sample"],
            seed=stored["seed"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{shown(str(folder))}: holds no replay ({MANIFEST} cannot be read)") from error


def policies_of(job: Job) -> list[Policy]:
    """The policies of a job, read from its folder.

    Raises:
        InputError: a copy is not what it was.
        PolicyError: it cannot be used.
    """
    return [_read_back(job.folder, kept) for kept in job.policies]


def kept_policy(folder: Path, side: Side = "policy") -> Policy:
    """A policy as a result folder keeps it.

    Raises:
        InputError: the folder holds no replay, or none with this side, or its copy was changed.
        PolicyError: the copy cannot be used.
    """
    for kept in read_job(folder).policies:
        if kept.side == side:
            return _read_back(folder, kept)
    raise InputError(f"{shown(str(folder))}: holds no policy of the side {side}")


def _read_back(folder: Path, kept: KeptPolicy) -> Policy:
    place = folder / POLICIES / kept.side
    exemptions = None if kept.exemptions is None else place / kept.exemptions
    choice = PolicyChoice(place, exemptions, kept.settle_after, kept.history_days, kept.retention_days)
    policy = choice.load()
    if policy.fingerprint != kept.fingerprint:
        raise InputError(f"{shown(str(place))}: is not the policy that the replay began with")
    return policy


def write_whole(path: Path, content: object) -> None:
    """Write JSON so that the file is whole or not there."""
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def cannot_write(path: Path, error: OSError) -> OutputError:
    """What a failed write means to the caller."""
    return OutputError(f"{shown(str(path))}: cannot be written ({error.strerror or 'input/output error'})")
