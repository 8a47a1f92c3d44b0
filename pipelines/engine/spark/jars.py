"""Which jars make a Spark with Beam's job server for it (about 300 MB)."""

from pathlib import Path

from pipelines.engine.jars import Jars

SPARK = Jars(
    "Spark",
    Path(__file__).with_name("pom.xml"),
    "org.apache.beam.runners.spark.SparkJobServerDriver",
    # As Spark's own launcher opens them (org.apache.spark.launcher.JavaModuleOptions).
    (
        *("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util"),
        *("java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch", "sun.nio.cs", "sun.security.action"),
        "sun.util.calendar",
    ),
)
