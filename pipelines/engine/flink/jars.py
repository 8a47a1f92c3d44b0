"""The jars that Flink runs on, brought by Maven, and a job-server jar made of them.

Beam publishes its Flink job server as one large jar. The same program is what its parts make when they are put on
one class path, so the parts are brought (about 150 MB) and a jar of one file is written whose manifest names them. It
goes wherever Beam takes a job-server jar (`--flink_job_server_jar`).
"""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

from manifests.errors import Fault, UserError
from manifests.writing import atomic

POM = Path(__file__).with_name("pom.xml")
MAIN_CLASS = "org.apache.beam.runners.flink.FlinkJobServerDriver"
JOB_SERVER = "job-server.jar"


def home() -> Path:
    """Where the jars lie: $PROOFPILE_FLINK, else below the user's cache folder."""
    named = os.environ.get("PROOFPILE_FLINK")
    if named:
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "proofpile" / "flink"


def job_server_jar() -> Path | None:
    """The job-server jar, if `install` was run."""
    path = home() / JOB_SERVER
    return path if path.is_file() else None


def class_path() -> str:
    """The class path of all jars. Raises UserError when they are not installed."""
    if job_server_jar() is None:
        raise UserError(
            f"{home()}: no Flink here; run `python -m pipelines.engine.flink install` (needs Java 17 and Maven)"
        )
    return f"{home() / 'jars'}/*"


def install() -> Path:
    """Bring the jars; returns the job-server jar. Does nothing when they are there already.

    Raises UserError when Java or Maven are missing, Fault when Maven cannot bring them.
    """
    ready = job_server_jar()
    if ready is not None:
        return ready
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise UserError(f"{program}: not found; Flink needs Java 17, and Maven to bring its jars")
    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    jars = folder / "jars"
    command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", "-DincludeScope=runtime"]
    done = subprocess.run([*command, f"-DoutputDirectory={jars}"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        errors = [line for line in done.stdout.splitlines() if "ERROR" in line]
        raise Fault(f"mvn could not bring Flink's jars: {errors[0] if errors else done.stderr.strip()[:300]}")
    path = folder / JOB_SERVER
    with atomic(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/MANIFEST.MF", manifest([f"jars/{jar.name}" for jar in sorted(jars.glob("*.jar"))]))
    return path


def manifest(entries: list[str]) -> str:
    """A jar's manifest with a class path; lines are folded at 72 bytes as the format demands."""
    lines = ["Manifest-Version: 1.0", f"Main-Class: {MAIN_CLASS}", "Class-Path: " + " ".join(entries)]
    folded = []
    for line in lines:
        folded.append(line[:70])
        folded += [f" {line[start : start + 69]}" for start in range(70, len(line), 69)]
    return "\r\n".join(folded) + "\r\n"
