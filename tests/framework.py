"""Running a row of the op table in chainrule or in torch, and comparing the two."""

from __future__ import annotations

import json
import zlib
from typing import Any

import numpy as np

from table import Call, Case, const


def to_tensor(torch: Any, array: np.ndarray, grad: bool) -> Any:
    if torch.__name__ == "torch" and any(s < 0 for s in array.strides):
        array = np.ascontiguousarray(array)  # torch has no negative strides
    t = torch.from_numpy(array)
    return t.requires_grad_() if grad and array.dtype.kind == "f" else t


def tensors(torch: Any, value: Any, leaves: list[Any], grad: bool, seen: dict[int, Any]) -> Any:
    """The arguments with arrays as tensors; those that require grad are added to `leaves`.

    An array that appears twice becomes one tensor (x + x).
    """
    if isinstance(value, const):
        if value.array.dtype == object:
            return value.array
        return to_tensor(torch, value.array, False)
    if isinstance(value, np.ndarray):
        if id(value) not in seen:
            seen[id(value)] = t = to_tensor(torch, value, grad)
            if t.requires_grad:
                leaves.append(t)
        return seen[id(value)]
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(tensors(torch, v, leaves, grad, seen) for v in value)
    if isinstance(value, dict):
        return {k: tensors(torch, v, leaves, grad, seen) for k, v in value.items()}
    if isinstance(value, str) and value.startswith("dtype:"):
        return getattr(torch, value.removeprefix("dtype:"))
    return value


def flat(value: Any, cls: type) -> list[Any]:
    """All tensors in a result, in order."""
    if isinstance(value, cls):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in flat(v, cls)]
    return []


def array_of(t: Any) -> np.ndarray:
    t = t.detach().resolve_conj()
    if "bfloat16" in str(t.dtype):
        t = t.float()
    return np.asarray(t.numpy())


def run(torch: Any, case: Case, sample: Call, grad: bool = True) -> tuple[list[Any], list[Any]]:
    """Outputs and leaves of one call."""
    leaves: list[Any] = []
    seen: dict[int, Any] = {}
    args = tensors(torch, sample.args, leaves, grad and case.grad, seen)
    kwargs = tensors(torch, sample.kwargs, leaves, grad and case.grad, seen)
    out = case.function(torch)(*args, **kwargs)
    if isinstance(out, (bool, int, float)):
        out = torch.tensor(out)
    return flat(out, torch.Tensor), leaves


def weights(name: str, outs: list[Any]) -> list[np.ndarray]:
    """The same random weights for every framework, one per output: the upstream gradient."""
    random = np.random.RandomState(zlib.crc32(name.encode()) & 0x7FFFFFFF)
    return [random.uniform(0.5, 1.5, tuple(t.shape)) for t in outs]


def weighted(torch: Any, name: str, outs: list[Any]) -> Any:
    """A scalar: the sum of all differentiable outputs under the weights."""
    total = None
    for t, w in zip(outs, weights(name, outs), strict=True):
        if not t.requires_grad:
            continue
        many = t.dtype.is_complex
        w = np.asarray(w * (1 + 0.5j) if many else w)
        term = (t * to_tensor(torch, w, False).to(t.dtype)).sum()
        term = term.real if many else term
        total = term if total is None else total + term
    return total


def gradients(torch: Any, name: str, outs: list[Any], leaves: list[Any]) -> list[Any]:
    """d(weighted outputs)/d(leaf) as arrays; zeros where a leaf is unused."""
    loss = weighted(torch, name, outs)
    if loss is None or not leaves:
        return []
    found = torch.autograd.grad(loss, leaves, allow_unused=True)
    return [
        np.zeros(tuple(x.shape), array_of(x).dtype) if g is None else array_of(g)
        for g, x in zip(found, leaves, strict=True)
    ]


def result(torch: Any, case: Case, sample: Call, key: str) -> dict[str, np.ndarray]:
    """What is recorded of one call: outputs and gradients."""
    outs, leaves = run(torch, case, sample)
    arrays = {f"{key}|out{k}": array_of(t) for k, t in enumerate(outs)}
    for k, g in enumerate(gradients(torch, key, outs, leaves)):
        arrays[f"{key}|grad{k}"] = g
    return arrays


def packed(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Many small arrays as one per dtype and an index: a tenth of the bytes in a .npz."""
    index = [[key, str(a.dtype), list(a.shape)] for key, a in arrays.items()]
    parts: dict[str, list[np.ndarray]] = {}
    for a in arrays.values():
        parts.setdefault(str(a.dtype), []).append(a.ravel())
    joined = {name: np.concatenate(flats) for name, flats in parts.items()}
    return {"index": np.frombuffer(json.dumps(index).encode(), np.uint8), **joined}


def unpacked(file: Any) -> dict[str, np.ndarray]:
    """The arrays that `packed` packed, by key."""
    if "index" not in file:
        return {key: file[key] for key in file}
    joined = {name: file[name] for name in file if name != "index"}
    places = dict.fromkeys(joined, 0)
    arrays = {}
    for key, dtype, shape in json.loads(file["index"].tobytes()):
        size = int(np.prod(shape))
        start = places[dtype]
        arrays[key] = joined[dtype][start : start + size].reshape(shape)
        places[dtype] = start + size
    return arrays


def keyed_calls(case: Case) -> Any:
    for dtype in case.dtypes:
        for i, sample in enumerate(case.calls(dtype)):
            yield f"{case.name}|{dtype}|{i}", dtype, sample


def assert_same(case: Case, dtype: str, what: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    assert ours.dtype == theirs.dtype, f"{what}: dtype {ours.dtype}, torch has {theirs.dtype}"
    assert ours.shape == theirs.shape, f"{what}: shape {ours.shape}, torch has {theirs.shape}"
    if ours.dtype.kind not in "fc":
        np.testing.assert_array_equal(ours, theirs, err_msg=what)
        return
    rtol, atol = case.rtol, case.atol
    if ours.dtype.itemsize >= 8 and dtype == "float64":
        rtol, atol = max(rtol * 1e-5, 1e-10), max(atol * 1e-5, 1e-10)
    if what.rpartition("|")[2].startswith("grad"):
        rtol, atol = rtol * 5, atol * 5
    finite = np.abs(theirs[np.isfinite(theirs)])
    scale = max(1.0, float(finite.max())) if finite.size else 1.0
    np.testing.assert_allclose(ours, theirs, rtol, atol * scale, err_msg=what)
