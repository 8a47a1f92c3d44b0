"""Keeps libraries from loading others that they can do without, where nothing here needs what those would add.

Beam takes in the clients of every store and database that it finds, numba the linear algebra and the C parser of
others: together more than either takes itself. Both look whether such a library is there and go on if not.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def absent(*names: str) -> Iterator[None]:
    """Within the block importing one of the modules `names` fails as if it were not installed; loaded ones stay."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type] # the language's own mark of an absent module
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name) is None:
                sys.modules.pop(name, None)
