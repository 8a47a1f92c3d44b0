"""The decorator of compiled functions: `njit` of numba, with kernels kept by what they come from and compiled once.

numba looks only at a kernel's own file to see whether what it kept is still good, and lets every process that finds
nothing compile for itself. Here a kernel is asked for by the meaning of all its sources (`manifests.compiled`), and
processes that start together wait for the one that compiles. Nothing is kept where the cache cannot be written to.
"""

import contextlib
import fcntl
import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import entrypoints, types
from numba.core.caching import CompileResultCacheImpl, FunctionCache, UserProvidedCacheLocator
from numba.core.options import DefaultOptions
from numba.core.registry import cpu_target

from manifests import compiled
from manifests.absent import absent

entrypoints._already_initialized = True
"""Else numba loads, before its first kernel, whatever installed package says that it extends numba. Ours need none, and
Awkward Array, which a tokenizer brings along, takes every process a good part of a second and 60 MB."""

LOOKED_FOR = ("scipy.linalg", "cffi")
"""What two modules of numba look for that it loads before its first kernel: linear algebra and C functions, of which no
kernel here makes use. SciPy's takes longer to load than all else."""

_BARE = {"no_cfunc_wrapper": True} if hasattr(DefaultOptions, "no_cfunc_wrapper") else {}
"""No kernel is handed to C code: without the way in for it one compiles in a twentieth less time."""

F = TypeVar("F", bound=Callable[..., Any])


def njit(**options: Any) -> Callable[[F], F]:
    """Compile a function at its first call, or load it if any process has done so before.

    `options` are numba's (`nogil`, `inline`, …), but for `cache`.
    """

    def decorate(function: F) -> F:
        kernel: Any = numba.njit(**_BARE, **options)(function)
        if not numba.config.DISABLE_JIT and compiled.place_of(str(Path(function.__code__.co_filename).parent)):
            with contextlib.suppress(RuntimeError):  # a module that lies in an archive
                kernel._cache = _Kept(function)
                kernel.compile = _alone(kernel.compile)
        return kernel  # type: ignore[no-any-return]

    return decorate


class _Place(UserProvidedCacheLocator):
    """Tells numba where a kernel is kept and by what it is known."""

    def __init__(self, py_func: Any, py_file: str) -> None:
        self._py_file = py_file
        self._lineno = py_func.__code__.co_firstlineno
        self._module = py_func.__module__
        place = compiled.place_of(str(Path(py_file).parent))
        self._cache_path = None if place is None else str(place)

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> "_Place | None":
        """The place of a function of ours; None for one whose source is no file of ours."""
        if compiled.path_of(py_func.__module__) is None:
            return None
        return cls(py_func, py_file)

    def get_source_stamp(self) -> str:
        """What the kernel comes from."""
        return compiled.meanings().mark(self._module)

    def get_disambiguator(self) -> str:
        """Names are used once in a module; the line would change with every comment above."""
        return "k"


class _KeptResult(CompileResultCacheImpl):
    _locator_classes = (_Place,)


class _Kept(FunctionCache):
    """A cache that, where it finds nothing, waits its turn and looks again before it lets numba compile."""

    _impl_class = _KeptResult

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The kernel of a signature, or None: then this process is the one to compile it."""
        found = super().load_overload(sig, target_context)
        if found is None and _TURN.take():
            found = super().load_overload(sig, target_context)
            if found is None:
                _TURN.say()
        return found


class _Turn:
    """The lock between processes that compile; held until the outermost compilation of a thread has ended."""

    def __init__(self) -> None:
        self._mine = threading.local()
        self._said = False

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """Within it the lock may be taken; at the end of the outermost it is given back."""
        self._mine.depth = getattr(self._mine, "depth", 0) + 1
        try:
            yield
        finally:
            self._mine.depth -= 1
            descriptor = getattr(self._mine, "descriptor", None)
            if self._mine.depth == 0 and descriptor is not None:
                self._mine.descriptor = None
                os.close(descriptor)

    def take(self) -> bool:
        """Take the lock, waiting for it; False if it was held already or cannot be had."""
        if getattr(self._mine, "descriptor", None) is not None or not getattr(self._mine, "depth", 0):
            return False
        try:
            descriptor = os.open(compiled.lock(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:  # a file system without locks: everyone compiles for himself
            os.close(descriptor)
            return False
        self._mine.descriptor = descriptor
        return True

    def say(self) -> None:
        """Say once, on a terminal or not, why nothing else happens for a while."""
        if not self._said and not os.environ.get(compiled.QUIET):
            print("compiling kernels, once for this version of the program", file=sys.stderr, flush=True)
        self._said = True


_TURN = _Turn()


def load() -> None:
    """Load all of numba that a kernel needs, which otherwise waits for the first one."""
    if not numba.config.DISABLE_JIT:
        _load_numba()
        cpu_target.typing_context.refresh()
        cpu_target.target_context.refresh()


@cache
def _load_numba() -> None:
    """Load the modules of numba that would take in what no kernel needs."""
    with absent(*LOOKED_FOR):
        for module in ("numba.np.linalg", "numba.np.arraymath", "numba.core.typing.cffi_utils"):
            importlib.import_module(module)


def _alone(compile_one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A kernel's `compile`, with the lock given back at its end, however it ends."""

    def guarded(sig: Any) -> Any:
        _load_numba()
        with compiled.around(), _TURN.scope():
            return compile_one(tuple(map(_general, sig)) if isinstance(sig, tuple) else sig)

    return guarded


def _general(kind: Any) -> Any:
    """The type of which a kernel is compiled for an argument: a plain integer or truth value is only one of each.

    numba makes a kernel of its own for every constant that stands in a call, and for every width of a number: some
    functions of the page's parser twenty times, each with all that it calls. What it computes with is 64 bits wide
    in any case, and a constant reaches the code of a call that is inlined without any type saying so.
    """
    if isinstance(kind, types.IntegerLiteral | types.BooleanLiteral):
        kind = kind.literal_type
    return types.int64 if kind in types.signed_domain else kind
