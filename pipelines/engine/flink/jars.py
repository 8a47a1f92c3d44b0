"""Which jars make a Flink, a job server for it and a cluster (about 150 MB)."""

from pathlib import Path

from pipelines.engine.jars import Jars

FLINK = Jars("Flink", Path(__file__).with_name("pom.xml"), "org.apache.beam.runners.flink.FlinkJobServerDriver")
