"""Memory that was freed goes back to the system, and what the user has said about it stands."""

import os
import subprocess
import sys

import pytest

from manifests import memory

PROGRAM = """
import pyarrow as pa
blocks = [bytearray(3 << 20) for _ in range(40)]
del blocks[::2]  # holes between what is still used
held = int(open('/proc/self/statm').read().split()[1]) * 4 >> 10
print(pa.default_memory_pool().backend_name, held)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_freed_pieces_of_megabytes_are_not_kept() -> None:
    settled = dict(os.environ)
    memory.settle(settled)
    said = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True
        ).stdout.split()
        for env in (settled, {**settled, "MALLOC_MMAP_THRESHOLD_": str(30 << 20)})
    ]
    assert said[0][0] == "system"
    assert int(said[0][1]) < int(said[1][1]) - 40


def test_what_the_environment_says_already_stands() -> None:
    environment = {"MALLOC_ARENA_MAX": "7"}
    memory.settle(environment)
    assert environment["MALLOC_ARENA_MAX"] == "7"
    assert environment["MALLOC_MMAP_THRESHOLD_"] == str(memory.MAP_FROM)
    assert environment["ARROW_DEFAULT_MEMORY_POOL"] == "system"
