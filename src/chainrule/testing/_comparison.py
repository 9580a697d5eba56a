"""assert_close: equal up to rounding, with a message that says where they differ."""

from __future__ import annotations

import collections.abc
import numbers
import warnings
from typing import Any

import numpy as np

import chainrule as torch
from chainrule.errors import ArgumentError

TOLERANCES = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5),
    "complex128": (1e-7, 1e-7),
}


def default_tolerances(*inputs: Any, dtype_precisions: Any = None) -> tuple[float, float]:
    """The largest (rtol, atol) that the dtypes of some tensors call for."""
    names = [str(getattr(x, "dtype", x)).removeprefix("torch.") for x in inputs]
    pairs = [TOLERANCES.get(n, (0.0, 0.0)) for n in names]
    return max(p[0] for p in pairs), max(p[1] for p in pairs)


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: Any = None,
) -> None:
    """Raise AssertionError unless |actual - expected| <= atol + rtol * |expected| everywhere.

    Tensors, numbers, arrays, and nested sequences and mappings of them; shapes and, unless told
    otherwise, dtypes must agree.  Tolerances default to what the dtype can hold.

    >>> import chainrule as torch
    >>> torch.testing.assert_close(torch.ones(2), torch.tensor([1., 1.]))
    """
    if (rtol is None) != (atol is None):
        raise ArgumentError(
            f"rtol and atol must both be specified or both be unspecified, but got "
            f"rtol={rtol} and atol={atol}"
        )
    options = {
        "rtol": rtol,
        "atol": atol,
        "equal_nan": equal_nan,
        "check_dtype": check_dtype,
        "check_stride": check_stride,
        "check_layout": check_layout,
    }
    compare(actual, expected, "", options, msg)


def fail(text: str, place: str, msg: Any) -> None:
    text = f"{text}{f'{chr(10)}{chr(10)}The failure occurred for item {place}' if place else ''}"
    raise AssertionError(msg(text) if callable(msg) else msg or text)


def compare(actual: Any, expected: Any, place: str, options: dict[str, Any], msg: Any) -> None:
    """Compare two things, entry by entry where they are containers."""
    maps, rows = collections.abc.Mapping, collections.abc.Sequence
    if isinstance(actual, maps) and isinstance(expected, maps):
        if set(actual) != set(expected):
            fail(
                "The keys of the mappings do not match:\nMissing keys in the actual mapping: "
                f"{sorted(set(expected) - set(actual))}\nAdditional keys in the actual mapping: "
                f"{sorted(set(actual) - set(expected))}",
                place,
                msg,
            )
        for key in actual:
            compare(actual[key], expected[key], f"{place}[{key!r}]", options, msg)
        return
    if isinstance(actual, rows) and isinstance(expected, rows) and not isinstance(actual, str):
        if len(actual) != len(expected):
            fail(
                f"The length of the sequences mismatch: {len(actual)} != {len(expected)}",
                place,
                msg,
            )
        for i, (a, b) in enumerate(zip(actual, expected, strict=True)):
            compare(a, b, f"{place}[{i}]", options, msg)
        return
    if actual is None or expected is None:
        if actual is not expected:
            fail(f"None mismatch: {actual} is not {expected}", place, msg)
        return
    if isinstance(actual, (bool, str)) or isinstance(expected, (bool, str)):
        if actual != expected:
            fail(f"Booleans mismatch: {actual} is not {expected}", place, msg)
        return
    plain = not any(isinstance(x, (torch.Tensor, np.ndarray)) for x in (actual, expected))
    if plain and not (isinstance(actual, numbers.Number) and isinstance(expected, numbers.Number)):
        if type(actual) is not type(expected) or actual != expected:
            fail(f"Object comparison failed: {actual!r} != {expected!r}", place, msg)
        return
    if plain:
        a = torch.tensor(actual, dtype=wide(actual))
        b = torch.tensor(expected, dtype=wide(expected))
        options = options | {"check_dtype": False}
    else:
        a, b = torch.as_tensor(actual), torch.as_tensor(expected)
    compare_tensors(a.detach(), b.detach(), place, options, msg, plain)


def wide(value: Any) -> Any:
    """The widest dtype of a number's kind."""
    if isinstance(value, complex):
        return torch.complex128
    return torch.float64 if isinstance(value, float) else torch.int64


def compare_tensors(
    a: Any, b: Any, place: str, options: dict[str, Any], msg: Any, plain: bool
) -> None:
    """Compare two tensors: shape, layout, dtype, then values."""
    if a.shape != b.shape:
        fail(f"The values for attribute 'shape' do not match: {a.shape} != {b.shape}.", place, msg)
    if options["check_layout"] and a.layout != b.layout:
        fail(
            f"The values for attribute 'layout' do not match: {a.layout} != {b.layout}.", place, msg
        )
    if options["check_dtype"] and a.dtype != b.dtype:
        fail(f"The values for attribute 'dtype' do not match: {a.dtype} != {b.dtype}.", place, msg)
    if options["check_stride"] and a.stride() != b.stride():
        fail(
            f"The values for attribute 'stride()' do not match: {a.stride()} != {b.stride()}.",
            place,
            msg,
        )
    rtol, atol = options["rtol"], options["atol"]
    if rtol is None:
        rtol, atol = default_tolerances(a, b)
    if a.layout != torch.strided:
        a, b = a.to_dense(), b.to_dense()
    common = torch.promote_types(a.dtype, b.dtype)
    x, y = a.to(common), b.to(common)
    if not (common.is_floating_point or common.is_complex) and not (rtol or atol):
        good = x == y
    else:
        good = torch.isclose(x, y, rtol=rtol, atol=atol, equal_nan=options["equal_nan"])
    if bool(good.all()):
        return
    kind = torch.complex128 if common.is_complex else torch.float64
    gap = (x.to(kind) - y.to(kind)).abs()
    gap = gap.masked_fill(good, 0)
    relative = (gap / y.to(kind).abs()).masked_fill(good, 0)
    limits = f"(up to {atol} allowed)", f"(up to {rtol} allowed)"
    if plain or a.ndim == 0:
        fail(
            f"Scalars are not {'close' if rtol or atol else 'equal'}!\n\n"
            f"Expected {b.item()} but got {a.item()}.\n"
            f"Absolute difference: {gap.item()} {limits[0]}\n"
            f"Relative difference: {relative.item()} {limits[1]}",
            place,
            msg,
        )
    bad, total = int((~good).sum()), good.numel()

    def greatest(t: Any) -> str:
        index = tuple(int(i) for i in np.unravel_index(int(t.argmax()), tuple(t.shape)))
        return f"{float(t.max())} at index {index}"

    fail(
        f"Tensor-likes are not {'close' if rtol or atol else 'equal'}!\n\n"
        f"Mismatched elements: {bad} / {total} ({bad / total:.1%})\n"
        f"Greatest absolute difference: {greatest(gap)} {limits[0]}\n"
        f"Greatest relative difference: {greatest(relative)} {limits[1]}",
        place,
        msg,
    )


def assert_allclose(
    actual: Any,
    expected: Any,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = True,
    msg: str = "",
) -> None:
    """The old `assert_close`: dtypes may differ, nan equals nan."""
    warnings.warn(
        "`torch.testing.assert_allclose()` is deprecated since 1.12; please use "
        "`torch.testing.assert_close()` instead.",
        FutureWarning,
        stacklevel=2,
    )
    a = actual if isinstance(actual, torch.Tensor) else torch.tensor(actual)
    b = expected if isinstance(expected, torch.Tensor) else torch.tensor(expected, dtype=a.dtype)
    if rtol is None and atol is None:
        rtol, atol = default_tolerances(a, b)
    assert_close(
        a, b, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=False, msg=msg or None
    )
