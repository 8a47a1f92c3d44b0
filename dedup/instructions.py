"""Machine instructions that the kernels need and numba has no name for: eight bytes at once, and the lowest bit set."""

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def load64(_typing: Any, array: Any, index: Any) -> Any:  # noqa: ARG001 - numba calls it with types
    """Eight bytes of a uint8 array from any position, as a little-endian integer, in one instruction."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = cgutils.create_struct_proxy(signature.args[0])(context, builder, value=arguments[0]).data
        place = builder.gep(data, [arguments[1]])
        return builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(array, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def store64(_typing: Any, array: Any, index: Any, value: Any) -> Any:  # noqa: ARG001 - numba calls it with types
    """Write a 64-bit integer to any position of a uint8 array, the counterpart of `load64`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = cgutils.create_struct_proxy(signature.args[0])(context, builder, value=arguments[0]).data
        place = builder.gep(data, [arguments[1]])
        builder.store(arguments[2], builder.bitcast(place, ir.IntType(64).as_pointer()), align=1)
        return context.get_dummy_value()

    return types.void(array, types.int64, types.uint64), generate


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def trailing_zeros(_typing: Any, value: Any) -> Any:  # noqa: ARG001 - numba calls it with types
    """The place of the lowest bit that is set in a 64-bit integer, which is not zero."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate
