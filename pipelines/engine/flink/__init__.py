"""Running on Apache Flink without Docker: where its jars come from, and a small real cluster on this machine."""
