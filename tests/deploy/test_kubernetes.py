"""Laws of `deploy/kubernetes`: no cluster and no network is needed, and no kustomize for the base's files."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner

from streams.cli import dripline
from streams.health import LOOP_LIMIT
from streams.settings import PREFIX, Settings, env_name, read_settings
from streams.worker import STOPS_WITHIN
from tests.deploy.manifests import (
    BASE,
    EXAMPLE,
    KUBERNETES,
    Manifest,
    built,
    kustomize,
    of_kind,
    plain,
    pods,
    settings_of,
)

VERSIONS = ["1.29", kubernetes_validate.latest_version()]
"""The oldest Kubernetes that the manifests are for, and the newest whose schemas are here."""

SCHEMAS: dict[str, Any] = {
    kind: yaml.safe_load(Path(__file__).with_name(f"{name}.schema.yaml").read_text("utf-8"))
    for kind, name in (("ServiceMonitor", "service-monitor"), ("PrometheusRule", "prometheus-rule"))
}
"""Of what the Prometheus Operator adds."""

BUILDS: dict[str, Callable[[], list[Manifest]]] = {
    "files": plain,
    "base": lambda: built(BASE),
    "example": lambda: built(EXAMPLE),
}
needs_kustomize = pytest.mark.skipif(kustomize() is None, reason="neither kustomize nor kubectl is here")


@pytest.fixture(
    params=["files", *(pytest.param(name, marks=needs_kustomize) for name in ("base", "example"))],
)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    """The objects, as the files say them and as kustomize builds them."""
    return BUILDS[request.param]()


@pytest.fixture
def worker(manifests: list[Manifest]) -> Manifest:
    """The pod template of the workers."""
    template: Manifest = of_kind(manifests, "StatefulSet")["spec"]["template"]
    return template


def check(manifest: Manifest, version: str) -> None:
    """Hold an object against the schema of its kind, strictly."""
    if manifest["kind"] in SCHEMAS:
        jsonschema.validate(manifest, SCHEMAS[manifest["kind"]])
    else:
        kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_schemas_of_kubernetes_accept_them(manifests: list[Manifest], version: str) -> None:
    """Every object is sound, without a field that its kind does not have."""
    for manifest in manifests:
        check(manifest, version)


@pytest.mark.parametrize("kind", ["StatefulSet", *SCHEMAS])
def test_the_schemas_refuse_what_is_misspelt(kind: str) -> None:
    """A field that a kind does not have is found, so that the law above can fail."""
    manifest = deepcopy(of_kind(plain(), kind))
    manifest["spec"]["selektor"] = {}
    with pytest.raises(jsonschema.ValidationError, match="selektor"):
        check(manifest, VERSIONS[0])


def test_pods_are_restricted(manifests: list[Manifest]) -> None:
    """They meet the Pod Security Standard `restricted`, have no token, and a root that is only read."""
    for pod in pods(manifests):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        assert all(set(volume) - {"name"} <= {"emptyDir", "secret"} for volume in spec["volumes"])
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            security = container["securityContext"]
            assert security["runAsNonRoot"] is True
            assert security["readOnlyRootFilesystem"] is True
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}
    assert of_kind(manifests, "ServiceAccount")["automountServiceAccountToken"] is False


def test_the_user_is_that_of_the_image() -> None:
    """The image's user and the pods' are one."""
    dockerfile = (KUBERNETES.parents[1] / "Dockerfile").read_text("utf-8")
    assert "USER 10001:10001\n" in dockerfile


def test_containers_are_bounded(manifests: list[Manifest]) -> None:
    """Each asks for processor and memory and has a limit of both."""
    for pod in pods(manifests):
        for container in pod["spec"]["containers"]:
            for bound in ("requests", "limits"):
                assert {"cpu", "memory"} <= set(container["resources"][bound])


def test_workers_are_probed(worker: Manifest) -> None:
    """All three probes are there; only readiness asks for more than life, so that no recovery is cut off."""
    (container,) = worker["spec"]["containers"]
    paths = {
        kind: container[kind]["httpGet"]["path"]
        for kind in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
    start = container["startupProbe"]
    assert start["periodSeconds"] * start["failureThreshold"] > LOOP_LIMIT
    assert all(container[kind]["timeoutSeconds"] > 1 for kind in paths)


def test_workers_may_stop_in_order(worker: Manifest) -> None:
    """The grace period is longer than an orderly stop may take."""
    assert worker["spec"]["terminationGracePeriodSeconds"] > STOPS_WITHIN + 10


def test_workers_are_static_members(worker: Manifest) -> None:
    """The instance id is the pod's name, which its ordinal makes one of its own and the same for ever."""
    (container,) = worker["spec"]["containers"]
    (variable,) = (each for each in container["env"] if each["name"] == "DRIPLINE_INSTANCE_ID")
    assert variable["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}


def test_selectors_find_the_workers(manifests: list[Manifest]) -> None:
    """Whatever selects pods selects those of the StatefulSet; the monitor selects the service."""
    stateful, service = of_kind(manifests, "StatefulSet"), of_kind(manifests, "Service")
    labels = stateful["spec"]["template"]["metadata"]["labels"].items()
    selectors = [
        stateful["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        of_kind(manifests, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        of_kind(manifests, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        *(
            each["labelSelector"]["matchLabels"]
            for each in stateful["spec"]["template"]["spec"]["topologySpreadConstraints"]
        ),
    ]
    assert all(selector and selector.items() <= labels for selector in selectors)
    assert stateful["spec"]["serviceName"] == service["metadata"]["name"]
    for monitor in (each for each in manifests if each["kind"] == "ServiceMonitor"):
        assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()


def test_nodes_can_be_drained_while_no_worker_is_ready(manifests: list[Manifest]) -> None:
    """One ready worker at a time may be away; one that is not ready may always go."""
    budget = of_kind(manifests, "PodDisruptionBudget")["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_only_workers_are_workers(manifests: list[Manifest]) -> None:
    """The check of the topics is behind the same walls, and counts for no worker."""
    jobs = [manifest for manifest in manifests if manifest["kind"] == "Job"]
    walls = of_kind(manifests, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"]
    budget = of_kind(manifests, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"]
    for job in jobs:
        labels = job["spec"]["template"]["metadata"]["labels"].items()
        assert walls.items() <= labels
        assert not budget.items() <= labels


def test_ports_are_those_that_are_served(manifests: list[Manifest], worker: Manifest) -> None:
    """Service, probes, monitor and policy name a port of the container, and it is the one in the settings."""
    (container,) = worker["spec"]["containers"]
    served = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert served == {"http": int(settings_of(manifests, worker)["DRIPLINE_HTTP_PORT"])}
    service = of_kind(manifests, "Service")["spec"]["ports"]
    assert {port["targetPort"] for port in service} <= set(served)
    probes = [container[kind] for kind in ("startupProbe", "livenessProbe", "readinessProbe")]
    assert {probe["httpGet"]["port"] for probe in probes} <= set(served)
    ingress = of_kind(manifests, "NetworkPolicy")["spec"]["ingress"]
    assert {port["port"] for rule in ingress for port in rule["ports"]} == set(served)
    for monitor in (each for each in manifests if each["kind"] == "ServiceMonitor"):
        assert {each["port"] for each in monitor["spec"]["endpoints"]} <= {port["name"] for port in service}


def test_workers_talk_to_brokers_and_dns_alone(manifests: list[Manifest]) -> None:
    """What goes out goes to the port of every broker in the settings, or to DNS; no rule is open to all."""
    policy = of_kind(manifests, "NetworkPolicy")["spec"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert all(rule.get("to") for rule in policy["egress"])
    assert all(rule.get("from") for rule in policy["ingress"])
    servers = settings_of(manifests, pods(manifests)[0])["DRIPLINE_BOOTSTRAP_SERVERS"].split(",")
    brokers = {int(server.rpartition(":")[2]) for server in servers}
    assert {port["port"] for rule in policy["egress"] for port in rule["ports"]} == {53} | brokers


def test_the_settings_are_accepted(
    manifests: list[Manifest], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a container finds in its environment are settings that exist, and sound ones."""
    (tmp_path / "password").write_text("secret", "utf-8")
    (tmp_path / "ca.crt").write_text("certificates", "utf-8")
    known = set(map(env_name, Settings.model_fields))
    for pod in pods(manifests):
        found = settings_of(manifests, pod)
        assert set(found) <= known
        for name in known:
            monkeypatch.delenv(name, raising=False)
        for name, value in found.items():
            monkeypatch.setenv(name, value.replace("/etc/dripline/kafka", str(tmp_path)))
        assert read_settings().http_host == "0.0.0.0"  # noqa: S104 - or no probe reaches it


def test_files_in_the_settings_are_mounted(manifests: list[Manifest]) -> None:
    """Every path in the settings of a worker lies in a volume; no secret is in a ConfigMap."""
    for pod in pods(manifests):
        (container,) = pod["spec"]["containers"]
        mounts = tuple(f"{mount['mountPath']}/" for mount in container["volumeMounts"])
        found = settings_of(manifests, pod)
        assert "DRIPLINE_SASL_PASSWORD" not in found
        is_job = pod["spec"].get("restartPolicy") == "Never"
        paths = [value for name, value in found.items() if value.startswith("/")]
        assert all(path.startswith(mounts) for path in paths if not (is_job and path.endswith("/state")))


def test_commands_exist(manifests: list[Manifest]) -> None:
    """The arguments of each container are a command of `dripline`."""
    for pod in pods(manifests):
        for container in pod["spec"]["containers"]:
            done = CliRunner().invoke(dripline, [*container["args"], "--help"])
            assert done.exit_code == 0, done.output


def test_every_variable_is_a_setting() -> None:
    """Each variable with our prefix, in any file of the folder, is one that `Settings` reads."""
    known = set(map(env_name, Settings.model_fields))
    files = [file for file in KUBERNETES.rglob("*") if file.is_file()]
    words = {word for file in files for word in re.findall(rf"\b{PREFIX}\w+", file.read_text("utf-8"))}
    assert words
    assert words <= known


@needs_kustomize
def test_a_changed_setting_restarts_the_workers() -> None:
    """The name of the settings that the workers refer to depends on what they hold."""
    names = {folder: of_kind(built(folder), "ConfigMap")["metadata"]["name"] for folder in (BASE, EXAMPLE)}
    assert names[BASE] != names[EXAMPLE]
    for folder, name in names.items():
        for pod in pods(built(folder)):
            assert pod["spec"]["containers"][0]["envFrom"] == [{"configMapRef": {"name": name}}]
