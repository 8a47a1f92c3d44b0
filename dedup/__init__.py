"""Compare documents with each other and with benchmarks; kernels that know nothing of Beam."""
