"""The objects of `deploy/kubernetes`: as the base's files say them, and as kustomize builds them."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
BASE = KUBERNETES / "base"
EXAMPLE = KUBERNETES / "overlays" / "example"

Manifest = dict[str, Any]


def kustomize() -> list[str] | None:
    """The command that builds a folder, or None where this machine has none."""
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    return ["kubectl", "kustomize"] if shutil.which("kubectl") else None


def plain_settings() -> dict[str, str]:
    """The settings of the base."""
    lines = (BASE / "settings.env").read_text("utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


@lru_cache
def plain() -> list[Manifest]:
    """The objects of the base and of its components, before any patch, with the settings as a ConfigMap."""
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "dripline-settings"},
        "data": plain_settings(),
    }
    kustomizations = [BASE, *sorted((KUBERNETES / "components").iterdir())]
    files = [
        folder / name
        for folder in kustomizations
        for name in yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8")).get("resources", [])
    ]
    return [settings, *(yaml.safe_load(file.read_text("utf-8")) for file in files)]


@lru_cache
def built(folder: Path) -> list[Manifest]:
    """The objects that kustomize makes of a folder."""
    command = kustomize()
    assert command is not None, "neither kustomize nor kubectl is here"
    done = subprocess.run(
        [*command, str(folder)], capture_output=True, check=True, timeout=60, env={"PATH": os.environ["PATH"]}
    )
    return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]


def of_kind(manifests: list[Manifest], kind: str) -> Manifest:
    """The one object of a kind."""
    (found,) = (manifest for manifest in manifests if manifest["kind"] == kind)
    return found


def pods(manifests: list[Manifest]) -> list[Manifest]:
    """The pod templates."""
    return [manifest["spec"]["template"] for manifest in manifests if "template" in manifest.get("spec", {})]


def settings_of(manifests: list[Manifest], pod: Manifest) -> dict[str, str]:
    """What the container of a pod finds in its environment; the pod's name for whatever is a field of it."""
    (container,) = pod["spec"]["containers"]
    maps = {
        manifest["metadata"]["name"]: manifest["data"]
        for manifest in manifests
        if manifest["kind"] == "ConfigMap"
    }
    found: dict[str, str] = {}
    for source in container["envFrom"]:
        found |= maps[source["configMapRef"]["name"]]
    return found | {each["name"]: each.get("value", "dripline-0") for each in container.get("env", [])}
