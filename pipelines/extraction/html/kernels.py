"""How the compiled code of this room is made: kept on disk, without the interpreter's lock, with no references counted.

numba counts who holds an array whenever one function hands it to another, with an atomic operation each time. Kernels
here get all their arrays from outside and make none, so nothing needs to be counted: a start tag costs two thirds of
what it did. A kernel that makes an array does not compile.
"""

from typing import Any

from numba.core.options import DefaultOptions

from manifests.kernels import njit

# Neither option is promised by numba's documentation: a version without one of them compiles slower code, no more.
_UNCOUNTED = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}
_FORCED = {"forceinline": True} if hasattr(DefaultOptions, "forceinline") else {}

kernel: Any = njit(nogil=True, **_UNCOUNTED)
"""The decorator of every kernel."""
inlined: Any = njit(nogil=True, **_UNCOUNTED, **_FORCED)
"""The decorator of small functions that kernels call often: an array is seven arguments where a call is not inlined."""
