"""Running on Apache Spark: where its jars come from. Beam's own job server submits the work."""
