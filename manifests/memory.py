"""What is freed goes back to the system, in every process of a run.

glibc raises the size from which it maps memory of its own whenever a larger piece is freed, up to 32 MiB, and keeps
what lies below in an arena for each thread; Arrow's own pools keep what they have freed, too. Batches of columns are
pieces of a few megabytes, so that each process would hold several times what it uses. Here these sizes are fixed; where
the C library is not glibc, nothing happens.
"""

from collections.abc import MutableMapping

MAP_FROM = 1 << 20
"""Bytes from which a piece of memory is mapped for itself (glibc's M_MMAP_THRESHOLD)."""
TRIM_FROM = 4 << 20
"""Free bytes at the end of the heap from which they are given back (M_TRIM_THRESHOLD)."""
ARENAS = 2


def settle(environment: MutableMapping[str, str]) -> None:
    """Say so in the environment of a process that will be started; what is said there already stays."""
    environment.setdefault("MALLOC_MMAP_THRESHOLD_", str(MAP_FROM))
    environment.setdefault("MALLOC_TRIM_THRESHOLD_", str(TRIM_FROM))
    environment.setdefault("MALLOC_ARENA_MAX", str(ARENAS))
    environment.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    environment.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")  # of the pool that is not used
