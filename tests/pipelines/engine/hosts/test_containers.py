"""The image and the cluster descriptions say what the package, its commands and each other say."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import pipelines.engine
from pipelines.engine.flink.__main__ import declared
from pipelines.engine.flink.jars import FLINK

HOSTS = Path(pipelines.engine.__path__[0], "hosts")
ROOT = Path(__file__).parents[4]
DOCKERFILE = (HOSTS / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DEBIAN_PYTHON = {"bookworm": (3, 11), "trixie": (3, 13)}
"""The Python of a Debian release (packages.debian.org/python3)."""


def documents() -> dict[str, Any]:
    found = yaml.safe_load_all((HOSTS / "kubernetes.yaml").read_text(encoding="utf-8"))
    return {document["kind"]: document for document in found}


def container(kind: str) -> dict[str, Any]:
    [found] = documents()[kind]["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def test_the_image_has_a_python_that_the_package_takes() -> None:
    release = re.search(r"^ARG BASE=debian:(\w+)-slim$", DOCKERFILE, re.MULTILINE)
    assert release is not None
    low, high = (
        tuple(map(int, bound.split("."))) for bound in re.findall(r"[\d.]+", PROJECT["project"]["requires-python"])
    )
    assert low <= DEBIAN_PYTHON[release[1]] < high


def test_the_image_holds_every_package_of_the_program_and_what_it_is_made_from() -> None:
    copied = set(re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE))
    words = {word for line in copied for word in line.split()}
    packages = {name.removesuffix("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages | {"pyproject.toml", PROJECT["project"]["readme"], "requirements.lock"} <= words
    for word in words:
        assert word.startswith(("--", "/opt/")) or (ROOT / word).exists(), word


def test_the_image_installs_what_the_lock_file_names_and_brings_the_jars_by_the_programs_own_command() -> None:
    assert "--require-hashes --no-deps --requirement requirements.lock" in DOCKERFILE
    assert FLINK.command().removeprefix("python ") in DOCKERFILE
    homes = set(re.findall(r"PROOFPILE_FLINK=(\S+)", DOCKERFILE))
    assert homes == {"/opt/flink"}
    assert "openjdk-17-jre-headless" in DOCKERFILE.split("AS program")[1].split("FROM")[1], (
        "Java where the work is done"
    )


def test_the_workers_of_kubernetes_join_where_its_build_waits_for_them() -> None:
    build, worker = container("Job"), container("Deployment")
    name, address, port, count, recipe, place = build["command"]
    assert name == "flink-build"
    assert f"COPY pipelines/engine/hosts/{name}.sh /usr/local/bin/{name}" in DOCKERFILE
    service = documents()["Service"]
    assert (service["metadata"]["name"], service["spec"]["clusterIP"]) == (address, "None")
    assert str(service["spec"]["ports"][0]["port"]) == port
    labels = documents()["Job"]["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert documents()["Deployment"]["spec"]["replicas"] == int(count)
    assert place.startswith("s3://")
    assert Path(recipe).parent == Path(build["volumeMounts"][1]["mountPath"])
    command, *words = worker["command"][2:] + worker["args"]
    assert command == "pipelines.engine.flink"
    asked = declared().parse_args(words)
    assert asked.job_manager == f"{address}:{port}"
    assert asked.host == "$(ADDRESS)"
    assert worker["env"][0]["name"] == "ADDRESS"
    assert build["image"] == worker["image"]


@pytest.mark.parametrize("script", ["flink-build.sh", "slurm-flink.sh"])
def test_the_scripts_ask_for_what_the_commands_take(script: str) -> None:
    lines = (HOSTS / script).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    asked = [line.partition("-m pipelines.engine.flink ")[2] for line in lines if not line.startswith("#")]
    known = [action for action in declared()._actions if isinstance(action.choices, dict)]
    [commands] = [action.choices for action in known]
    for words in filter(None, asked):
        command = words.split()[0]
        options = set(re.findall(r"(?<=\s)--[a-z-]+", words.partition(";")[0]))
        assert options
        assert options <= set(commands[command]._option_string_actions), command
