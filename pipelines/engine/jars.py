"""The jars that a Java runner works with, brought by Maven, and a job-server jar made of them.

Beam publishes its job servers as one large jar each. The same program is what its parts make when they are put on one
class path, so the parts are brought and a jar of one file is written whose manifest names them. It goes wherever Beam
takes a job-server jar (`--flink_job_server_jar`, `--spark_job_server_jar`).
"""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import NamedTuple

from manifests import machine
from manifests.errors import Fault, UserError
from manifests.writing import atomic

JOB_SERVER = "job-server.jar"


class Jars(NamedTuple):
    """Those of one engine: its name, the Maven project that lists them, the job server's class.

    `opens`: modules of Java whose insides the engine wants to reach.
    """

    name: str
    project: Path
    main: str
    opens: tuple[str, ...] = ()

    def home(self) -> Path:
        """Where they lie: $PROOFPILE_NAME (such as PROOFPILE_FLINK), else below the user's cache folder."""
        named = os.environ.get(f"PROOFPILE_{self.name.upper()}")
        if named:
            return Path(named)
        return machine.cache() / self.name.lower()

    def job_server(self) -> Path | None:
        """The job-server jar, if `install` was run."""
        path = self.home() / JOB_SERVER
        return path if path.is_file() else None

    def class_path(self) -> str:
        """The class path of all jars. Raises UserError when they are not installed."""
        if self.job_server() is None:
            raise UserError(f"{self.home()}: no {self.name} here; run `{self.command()}` (needs Java 17 and Maven)")
        return f"{self.home() / 'jars'}/*"

    def command(self) -> str:
        """The command that brings them."""
        return f"python -m pipelines.engine.{self.name.lower()} install"

    def install(self) -> Path:
        """Bring the jars; returns the job-server jar. Does nothing when they are there already.

        Raises UserError when Java or Maven are missing, Fault when Maven cannot bring them.
        """
        ready = self.job_server()
        if ready is not None:
            return ready
        for program in ("java", "mvn"):
            if shutil.which(program) is None:
                raise UserError(f"{program}: not found; {self.name} needs Java 17, and Maven to bring its jars")
        folder = self.home()
        folder.mkdir(parents=True, exist_ok=True)
        jars = folder / "jars"
        command = ["mvn", "-q", "-B", "-f", str(self.project), "dependency:copy-dependencies", "-DincludeScope=runtime"]
        done = subprocess.run([*command, f"-DoutputDirectory={jars}"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            errors = [line for line in done.stdout.splitlines() if "ERROR" in line]
            why = errors[0] if errors else done.stderr.strip()[:300]
            raise Fault(f"mvn could not bring the jars of {self.name}: {why}")
        path = folder / JOB_SERVER
        with atomic(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            names = [f"jars/{jar.name}" for jar in sorted(jars.glob("*.jar"))]
            archive.writestr("META-INF/MANIFEST.MF", self.manifest(names))
        return path

    def manifest(self, entries: list[str]) -> str:
        """The job-server jar's manifest with a class path; lines are folded at 72 bytes as the format demands."""
        lines = ["Manifest-Version: 1.0", f"Main-Class: {self.main}", "Class-Path: " + " ".join(entries)]
        if self.opens:
            lines.append("Add-Opens: " + " ".join(f"java.base/{module}" for module in self.opens))
        folded = []
        for line in lines:
            folded.append(line[:70])
            folded += [f" {line[start : start + 69]}" for start in range(70, len(line), 69)]
        return "\r\n".join(folded) + "\r\n"
