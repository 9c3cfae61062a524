"""What `test.sh` checks of scale/kubernetes. Each function named test_ is one test; the closing line counts them."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

TREE = Path(__file__).resolve().parents[3]
FOLDER = TREE / "scale" / "kubernetes"
# From the first that has all that is used here (the sleep of preStop) to the newest that the package knows.
VERSIONS = ["1.30", "1.37"]

Manifest = dict[str, Any]


def read(path: Path) -> list[Manifest]:
    return [part for part in yaml.safe_load_all(path.read_text()) if part]


def manifests() -> list[Manifest]:
    paths = [path for path in sorted(FOLDER.glob("*.yaml")) if path.name != "kustomization.yaml"]
    found = [manifest for path in paths for manifest in read(path)]
    assert len(found) >= 19, f"only {len(found)} manifests were found"
    return found


def kustomization() -> Manifest:
    return read(FOLDER / "kustomization.yaml")[0]


def name_of(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def get(kind: str, name: str, among: list[Manifest] | None = None) -> Manifest:
    for manifest in among or manifests():
        if (manifest["kind"], manifest["metadata"]["name"]) == (kind, name):
            return manifest
    raise AssertionError(f"no {kind} {name}")


def pod_of(manifest: Manifest) -> Manifest | None:
    """The pod specification that a manifest is or has."""
    if manifest["kind"] == "Pod":
        return manifest["spec"]
    return manifest.get("spec", {}).get("template", {}).get("spec") if manifest["kind"] != "Service" else None


def pods(among: list[Manifest] | None = None) -> Iterator[tuple[Manifest, Manifest]]:
    for manifest in among or manifests():
        pod = pod_of(manifest)
        if pod is not None:
            yield manifest, pod


def containers(pod: Manifest) -> list[Manifest]:
    return pod.get("initContainers", []) + pod["containers"]


def ports(pod: Manifest) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for one in containers(pod) for port in one.get("ports", [])}


def variables(container: Manifest) -> dict[str, str]:
    return {one["name"]: one.get("value", "") for one in container.get("env", [])}


def refusal(manifest: Manifest, version: str) -> str:
    """Why the schema refuses it, or nothing. A kind without a schema is refused too: the package only warns of it."""
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
        return error.message
    return ""


def test_the_schemas_take_every_manifest() -> None:
    for version in VERSIONS:
        for manifest in manifests():
            why = refusal(manifest, version)
            assert not why, f"{name_of(manifest)}, Kubernetes {version}: {why}"


def test_a_wrong_manifest_is_refused() -> None:
    agent = get("DaemonSet", "mona-agent")
    wrong = []
    for change in (
        lambda it: it["spec"]["template"]["spec"].update(terminationGracePeriodSecond=30),
        lambda it: it["spec"]["template"]["spec"]["containers"][0].update(image=7),
        lambda it: it["spec"]["template"]["spec"]["containers"][0]["securityContext"].update(readOnlyRootFs=True),
        lambda it: it["spec"].pop("selector"),
        lambda it: it.update(apiVersion="apps/v1beta9"),
        lambda it: it.update(kind="DemonSet"),
    ):
        manifest = copy.deepcopy(agent)
        change(manifest)
        wrong.append(manifest)
    for number, manifest in enumerate(wrong):
        assert refusal(manifest, VERSIONS[-1]), f"change {number} is not noticed"


def test_the_configurations_are_those_of_the_runs() -> None:
    named = [file for one in kustomization()["configMapGenerator"] for file in one["files"]]
    assert sorted(named) == sorted(f"config/{path.name}" for path in (FOLDER / "config").iterdir()), named
    for file in named:
        run = TREE / "tests" / "scale" / file
        assert (FOLDER / file).read_bytes() == run.read_bytes(), f"{file} is not that of {run}: copy it"


def test_what_the_kustomization_names_is_there() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml", "example-app.yaml"}
    assert set(kustomization()["resources"]) == files
    images = {one["name"] for one in kustomization()["images"]}
    used = {one["image"] for manifest, pod in pods() if manifest["kind"] != "Pod" for one in containers(pod)}
    assert used == images, f"{used} are used, {images} have a version"


def mounted(manifest: Manifest, pod: Manifest) -> Iterator[tuple[str, str, str]]:
    """Kind, namespace and name of what a pod mounts."""
    for volume in pod.get("volumes", []):
        if "configMap" in volume:
            yield "configMap", manifest["metadata"]["namespace"], volume["configMap"]["name"]
        if "secret" in volume:
            yield "secret", manifest["metadata"]["namespace"], volume["secret"]["secretName"]


def test_what_pods_mount_is_made() -> None:
    made = {
        (kind, one["namespace"], one["name"])
        for kind in ("configMap", "secret")
        for one in kustomization()[f"{kind}Generator"]
    }
    used = {what for manifest, pod in pods() for what in mounted(manifest, pod)}
    assert used == made, f"used {used}, made {made}"
    for manifest, pod in pods():
        volumes = {one["name"] for one in pod.get("volumes", [])}
        claims = {one["metadata"]["name"] for one in manifest.get("spec", {}).get("volumeClaimTemplates", [])}
        mounts = {one["name"] for container in containers(pod) for one in container.get("volumeMounts", [])}
        assert mounts == volumes | claims, f"{name_of(manifest)}: {mounts} of {volumes | claims}"


def collectors() -> Iterator[tuple[Manifest, Manifest, str]]:
    """Workload, container and configuration of those that run the OpenTelemetry Collector."""
    for manifest, pod in pods():
        for container in pod["containers"]:
            if container["image"] == "otelcol":
                words = " ".join(container.get("command", []) + container.get("args", []))
                file = re.search(r"--config=/etc/otelcol/(\S+)", words)
                assert file, f"{name_of(manifest)}: no --config in {words}"
                yield manifest, container, (FOLDER / "config" / file[1]).read_text()


def test_the_collectors_find_what_their_configuration_names() -> None:
    seen = 0
    for manifest, container, config in collectors():
        seen += 1
        known = dict(re.findall(r"\$\{env:(\w+):-([^}]*)\}", config))
        given = variables(container)
        beside = {"GOMEMLIMIT", "GOMAXPROCS"}
        assert set(given) - beside <= set(known), (
            f"{name_of(manifest)}: {set(given) - beside - set(known)} mean nothing"
        )
        settings = known | given
        paths = {one["mountPath"] for one in container["volumeMounts"]}
        for name in ("CERTIFICATES", "QUEUE"):
            if name in settings:
                assert any(settings[name] == path or settings[name].startswith(path + "/") for path in paths), settings
        # Every certificate and key is in the secret.
        secret = next(one for one in pod_of(manifest)["volumes"] if "secret" in one)["secret"]["secretName"]
        files = next(one for one in kustomization()["secretGenerator"] if one["name"] == secret)["files"]
        wanted = set(re.findall(r"/etc/mona/tls\}/([\w.]+)", config))
        assert wanted == {Path(file).name for file in files}, f"{wanted} of {files}"
        # Where it listens is where probes, services and Prometheus look.
        listens = {int(port) for port in re.findall(r":(\d+)$", "\n".join(settings.values()), re.MULTILINE)}
        listens.add(int(settings["METRICS_PORT"]))
        shown = set(ports(pod_of(manifest)).values())
        assert shown <= listens, f"{name_of(manifest)}: {shown - listens} are not listened on"
        for name in ("HEALTH", "METRICS_HOST"):
            assert settings[name].startswith("0.0.0.0"), f"{name_of(manifest)}: {name} is reached from the pod alone"
    assert seen == 2


def test_probes_services_and_policies_name_ports_that_are_there() -> None:
    for manifest, pod in pods():
        for container in pod["containers"]:
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if manifest["kind"] != "Pod":
                    assert container[probe]["httpGet"]["port"] in ports(pod), f"{name_of(manifest)}: {probe}"
    by_label = {pod_label(manifest): pod for manifest, pod in pods() if manifest["kind"] != "Pod"}
    for manifest in manifests():
        spec = manifest.get("spec", {})
        if manifest["kind"] == "Service":
            pod = by_label[spec["selector"]["app.kubernetes.io/name"]]
            assert {one["targetPort"] for one in spec["ports"]} <= set(ports(pod)), name_of(manifest)
        if manifest["kind"] == "NetworkPolicy" and spec["podSelector"]:
            pod = by_label[spec["podSelector"]["matchLabels"]["app.kubernetes.io/name"]]
            allowed = {port["port"] for rule in spec["ingress"] for port in rule["ports"]}
            # The assembler's counters are beside its health; those of collectors have a port of their own.
            probed = "health" if manifest["metadata"]["name"] == "gateway" else ""
            served = {port for name, port in ports(pod).items() if name != probed}
            assert allowed == served, f"{name_of(manifest)}: {allowed} are let in, {served} are served"


def pod_label(manifest: Manifest) -> str:
    return manifest["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]


def test_selectors_select() -> None:
    for manifest, pod in pods():
        if manifest["kind"] != "Pod":
            wanted = manifest["spec"]["selector"]["matchLabels"]
            labels = manifest["spec"]["template"]["metadata"]["labels"]
            assert wanted.items() <= labels.items(), name_of(manifest)
            for spread in pod.get("topologySpreadConstraints", []):
                assert spread["labelSelector"]["matchLabels"] == wanted, name_of(manifest)
                assert spread["whenUnsatisfiable"] == "ScheduleAnyway", (
                    f"{name_of(manifest)}: a full node stops the others"
                )
            account = get("ServiceAccount", pod["serviceAccountName"])
            assert account["metadata"]["namespace"] == manifest["metadata"]["namespace"], name_of(manifest)
    for budget in (one for one in manifests() if one["kind"] == "PodDisruptionBudget"):
        wanted = budget["spec"]["selector"]["matchLabels"]
        assert wanted["app.kubernetes.io/name"] in {pod_label(one) for one, _ in pods() if one["kind"] != "Pod"}
    target = get("HorizontalPodAutoscaler", "mona-gateway")["spec"]["scaleTargetRef"]
    assert "replicas" not in get(target["kind"], target["name"])["spec"], "an apply would undo what the autoscaler said"


def test_every_container_is_bounded_and_bare() -> None:
    for manifest, pod in pods():
        assert pod["enableServiceLinks"] is False and pod["automountServiceAccountToken"] is False, name_of(manifest)
        for container in containers(pod):
            where = f"{name_of(manifest)}, {container['name']}"
            assert {"cpu", "memory"} <= set(container["resources"]["requests"]), where
            assert "memory" in container["resources"]["limits"], where
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"], where
            assert security["capabilities"]["drop"] == ["ALL"], where


def test_pods_end_before_they_are_ended() -> None:
    for manifest, pod in pods():
        for container in pod["containers"]:
            wait = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            flush = int(variables(container).get("MONA_EXIT_FLUSH_MS", 0)) / 1000
            assert wait + flush + 20 <= pod["terminationGracePeriodSeconds"], name_of(manifest)


def test_the_example_fits_the_agent_and_the_library() -> None:
    pod, agent = pod_of(get("Pod", "example-app")), pod_of(get("DaemonSet", "mona-agent"))
    app, collector = pod["containers"][0], agent["containers"][0]
    options = set(re.findall(r"^`(MONA_\w+)`", (TREE / "OPTIONS.md").read_text(), re.MULTILINE))
    unknown = set(variables(app)) - options
    assert not unknown, f"{unknown} are no options"
    socket = variables(app)["MONA_ENDPOINT"].removeprefix("unix://")
    assert f"SOCKET:-{socket}}}" in (FOLDER / "config" / "agent.yaml").read_text(), socket
    folder = str(Path(socket).parent)
    assert folder in {one["mountPath"] for one in app["volumeMounts"]}, "the folder is mounted, not the socket"
    paths = [{one["hostPath"]["path"] for one in it["volumes"] if "hostPath" in one} for it in (pod, agent)]
    assert paths[0] == {folder} and folder in paths[1], paths
    assert agent["securityContext"]["runAsGroup"] in pod["securityContext"]["supplementalGroups"]
    assert f"rm -f {socket}; umask 0007" in collector["command"][-1]


def test_the_assembler_has_these_settings() -> None:
    settings = TREE / "scale/assembler/src/main/java/dev/libmona/assembler/Settings.java"
    if not settings.exists():
        return
    known = set(re.findall(r'"([a-z.]+)"', settings.read_text()))
    # What its script reads.
    script = (TREE / "scale/assembler/run.sh").read_text()
    container = pod_of(get("StatefulSet", "mona-assembler"))["containers"][0]
    for name in variables(container):
        if name.startswith("MONA_ASSEMBLER_"):
            short = name.removeprefix("MONA_ASSEMBLER_").lower().replace("_", ".")
            assert short in known or short.startswith("kafka.") or name in script, f"{name} is no setting"


def certificates(folder: Path) -> None:
    subprocess.run(["sh", FOLDER / "certificates.sh", folder], check=True, capture_output=True)


def test_the_certificates_are_good_for_what_they_are_made_for() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        certificates(folder)
        key = (folder / "agent.key").read_bytes()
        certificates(folder)
        assert (folder / "agent.key").read_bytes() == key, "a second run makes nothing anew"
        host = re.search(r"https://([\w.-]+):", str(get("DaemonSet", "mona-agent")))[1]

        def verifies(name: str, purpose: str, *more: str) -> bool:
            words = ["openssl", "verify", "-CAfile", "ca.crt", "-purpose", purpose, *more, f"{name}.crt"]
            return subprocess.run(words, cwd=folder, capture_output=True).returncode == 0

        assert verifies("gateway", "sslserver", "-verify_hostname", host), host
        assert verifies("agent", "sslclient")
        assert not verifies("agent", "sslserver"), "an agent cannot pass for a gateway"
        assert not verifies("gateway", "sslserver", "-verify_hostname", "elsewhere")
        assert (folder / "ca.key").stat().st_mode & 0o077 == 0
        # A renewal by somebody who has not fetched the authority's key.
        (folder / "ca.key").unlink()
        (folder / "agent.crt").unlink()
        said = subprocess.run(["sh", FOLDER / "certificates.sh", folder], capture_output=True, text=True)
        assert said.returncode == 1 and "ca.key is not there" in said.stderr, said


def test_what_kustomize_makes_is_taken_too() -> None:
    program = os.environ.get("KUSTOMIZE")
    if not program:
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "kubernetes"
        subprocess.run(["cp", "-r", FOLDER, folder], check=True)
        certificates(folder / "tls")
        built = subprocess.run([program, "build", folder], check=True, capture_output=True, text=True)
        assert not built.stderr, built.stderr
        made_of = [part for part in yaml.safe_load_all(built.stdout) if part]
    for manifest in made_of:
        for version in VERSIONS:
            assert not refusal(manifest, version), f"{name_of(manifest)}: {refusal(manifest, version)}"
    there = {(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in made_of}
    kinds = {"configMap": "ConfigMap", "secret": "Secret"}
    for manifest, pod in pods(made_of):
        for kind, namespace, name in mounted(manifest, pod):
            assert (kinds[kind], namespace, name) in there, f"{name_of(manifest)}: no {kind} {name}"
        assert not {one["image"] for one in containers(pod)} & {one["name"] for one in kustomization()["images"]} - {
            "mona-assembler"
        }, "an image is left without its version"
    gateway = next(one for one in made_of if one["kind"] == "ConfigMap" and "gateway" in one["metadata"]["name"])
    assert gateway["data"]["gateway.yaml"] == (TREE / "tests/scale/config/gateway.yaml").read_text()


def main() -> int:
    passed = failed = 0
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            try:
                test()
            except Exception:
                failed += 1
                print(f"FAILED: {name}")
                traceback.print_exc(file=sys.stdout)
            else:
                passed += 1
                print(f"ok: {name}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
