"""Machine instructions that the kernels need and numba has no name for: eight bytes at once, and the lowest bit set.

Each is said twice: in Python, which is its meaning and what runs where numba compiles nothing, and in LLVM's terms.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


def _compiled_as(typed: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """Have a function compiled as `typed` says: a typing context and types to a signature and a code generator."""

    def decorate(plain: Callable[..., Any]) -> Any:
        return plain if numba.config.DISABLE_JIT else intrinsic(typed)

    return decorate


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    data = cgutils.create_struct_proxy(signature.args[0])(context, builder, value=arguments[0]).data
    return builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(64).as_pointer())


def _typed_load(_typing: Any, array: Any, index: Any) -> Any:  # noqa: ARG001 - numba calls it with these names
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_place(context, builder, signature, arguments), align=1)

    return types.uint64(array, types.int64), generate


def _typed_store(_typing: Any, array: Any, index: Any, value: Any) -> Any:  # noqa: ARG001 - numba calls it with these names
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _place(context, builder, signature, arguments), align=1)
        return context.get_dummy_value()

    return types.void(array, types.int64, types.uint64), generate


def _typed_zeros(_typing: Any, value: Any) -> Any:  # noqa: ARG001 - numba calls it with these names
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


@_compiled_as(_typed_load)
def load64(array: Any, index: Any) -> Any:
    """Eight bytes of a uint8 array from any position, as a little-endian integer, in one instruction."""
    return array[index : index + 8].view("<u8")[0]


@_compiled_as(_typed_store)
def store64(array: Any, index: Any, value: Any) -> None:
    """Write a 64-bit integer to any position of a uint8 array, the counterpart of `load64`."""
    array[index : index + 8] = np.frombuffer(int(value).to_bytes(8, "little"), np.uint8)


@_compiled_as(_typed_zeros)
def trailing_zeros(value: Any) -> Any:
    """The place of the lowest bit that is set in a 64-bit integer, which is not zero."""
    return np.int64((int(value) & -int(value)).bit_length() - 1)
