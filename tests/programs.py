"""Random programs: graphs of 2 to 40 ops with shared parts, views, writes in place, islands.

A program is a list of instructions made from a seed; `execute` runs it in chainrule or in torch.
All values are 3x4 float64 matrices (some instructions pass through other shapes), so any two fit.
Values computed in a `no_grad` island or behind `detach` are constants to the gradient; for central
differences they are frozen at what the first run gave (`constants`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

ROWS, COLUMNS = 3, 4
PURE = ("add", "sub", "mul", "div", "sin", "tanh", "sigmoid", "exp", "square", "matmul", "reduce",
        "mean", "softmax", "transpose", "view", "cat", "split", "gather", "where", "stack", "relu",
        "maximum", "cumsum", "expand", "scale", "pow", "sqrt", "norm")  # fmt: skip
WRITES = ("iadd", "imul", "row", "column", "view_write", "chained_view", "mask", "exp_",
          "base_write", "copy_", "zero_part")  # fmt: skip
ISLANDS = ("no_grad", "detach")


def generate(seed: int) -> list[tuple[Any, ...]]:
    """The instructions of program `seed`: (kind, operands, a number)."""
    random = np.random.RandomState(seed)
    program: list[tuple[Any, ...]] = []
    values = 3
    for _ in range(random.randint(2, 41)):
        u = random.uniform()
        kinds = PURE if u < 0.72 else WRITES if u < 0.94 else ISLANDS
        kind = kinds[random.randint(len(kinds))]
        # recent values more often than old ones, so that programs are deep as well as wide
        picks = [values - 1 - min(values - 1, int(random.exponential(2.0))) for _ in range(3)]
        program.append((kind, *picks, random.randint(1 << 30)))
        values += 1
    return program


def inputs(seed: int) -> list[np.ndarray]:
    random = np.random.RandomState(seed + 1_000_003)
    return [random.uniform(-1.5, 1.5, (ROWS, COLUMNS)) for _ in range(3)]


def execute(
    torch: Any, program: list[tuple[Any, ...]], leaves: list[Any], constants: list[Any]
) -> Any:
    """Run a program on its leaves; a scalar comes out.

    `constants` is filled on the first run and read afterwards.
    """
    replay = iter(list(constants)) if constants else None
    values = list(leaves)

    def constant(value: Any) -> Any:
        if replay is not None:
            return torch.from_numpy(next(replay).copy())
        constants.append(np.array(value.detach().numpy()))
        return value

    for kind, i, j, k, salt in program:
        values.append(step(torch, kind, values[i], values[j], values[k], salt, constant))
    total = values[-1].sum()
    for n, v in enumerate(values[3:-1]):
        if n % 3 == 0:
            total = total + v.mean() * 0.5
    return total


def step(torch: Any, kind: str, x: Any, y: Any, z: Any, salt: int, constant: Any) -> Any:
    """One instruction: a new 3x4 value from three earlier ones."""
    r = np.random.RandomState(salt)
    row, column = r.randint(ROWS), r.randint(COLUMNS)
    if kind == "add":
        return x + y
    if kind == "sub":
        return x - 0.5 * y
    if kind == "mul":
        return x * y.tanh()
    if kind == "div":
        return x / (1.5 + y * y)
    if kind in ("sin", "tanh", "sigmoid", "relu"):
        return getattr(x, kind)()
    if kind == "exp":
        return (x.tanh() * 0.5).exp()
    if kind == "square":
        return x.tanh() ** 2
    if kind == "pow":
        return (x.tanh() + 2.0) ** 1.5
    if kind == "sqrt":
        return (x * x + 0.5).sqrt()
    if kind == "scale":
        return float(r.uniform(-1, 1)) * x + 1
    if kind == "matmul":
        return (x @ y.transpose(0, 1)).tanh() @ z
    if kind == "reduce":
        return x + y.sum(dim=r.randint(2), keepdim=True).tanh()
    if kind == "mean":
        return x - y.mean(dim=r.randint(2), keepdim=True)
    if kind == "norm":
        return x / (1 + (y * y).sum()).sqrt()
    if kind == "softmax":
        return torch.softmax(x, dim=r.randint(2))
    if kind == "cumsum":
        return torch.cumsum(x, dim=r.randint(2)).tanh()
    if kind == "expand":
        return x[:, column].unsqueeze(1).expand(ROWS, COLUMNS) * y
    if kind == "transpose":
        return x.t().contiguous().view(ROWS, COLUMNS)
    if kind == "view":
        return x.reshape(COLUMNS, ROWS).permute(1, 0) + y
    if kind == "cat":
        return torch.cat([x[:row], y[row:]], dim=0)
    if kind == "stack":
        return torch.stack([x, y, z], dim=0)[r.randint(3)]
    if kind == "split":
        a, b = x.split([1, COLUMNS - 1], dim=1)
        return torch.cat([b, a], dim=1)
    if kind == "gather":
        index = torch.from_numpy(r.randint(0, COLUMNS, (ROWS, COLUMNS)))
        return x.gather(1, index) + y[torch.from_numpy(r.randint(0, ROWS, ROWS))]
    if kind == "where":
        return torch.where(torch.from_numpy(r.uniform(size=(ROWS, COLUMNS)) > 0.5), x, y)
    if kind == "maximum":
        return torch.maximum(x, y)
    if kind == "no_grad":
        with torch.no_grad():
            c = (x * y + 1).tanh()
        return x * constant(c)
    if kind == "detach":
        return y * constant(x.detach() + 0.0)
    return written(torch, kind, x, y, row, column, r)


def written(torch: Any, kind: str, x: Any, y: Any, row: int, column: int, r: Any) -> Any:
    """Instructions that write in place, each into a copy of its own."""
    out = (x * 1.0).contiguous()
    if kind == "iadd":
        out += y
    elif kind == "imul":
        out.mul_(y.tanh())
    elif kind == "row":
        out[row] = y[0] * 2
    elif kind == "column":
        out[:, column] += y[:, 0]
    elif kind == "view_write":
        part = out[:, 1:3]
        part.add_(y[:, :2])
    elif kind == "chained_view":
        part = out.view(COLUMNS, ROWS)[1:].t()[0]
        part.mul_(0.5)
        out = out + part.sum()
    elif kind == "mask":
        out[torch.from_numpy(r.uniform(size=(ROWS, COLUMNS)) > 0.5)] = 0.25
    elif kind == "exp_":
        out = (out.tanh() * 1.0).exp_() + y
    elif kind == "base_write":
        part = out[row]
        out.mul_(y.tanh())
        out = out + part
    elif kind == "copy_":
        out[1:].copy_(y[:-1])
    else:
        out[row:, :column].zero_()
    return out


def gradients(torch: Any, seed: int) -> tuple[list[np.ndarray], list[Any], Any]:
    """The value and gradients of program `seed`: (gradients, constants, value)."""
    program, constants = generate(seed), []
    leaves = [torch.from_numpy(a).requires_grad_() for a in inputs(seed)]
    out = execute(torch, program, leaves, constants)
    out.backward()
    grads = [np.zeros((ROWS, COLUMNS)) if x.grad is None else x.grad.numpy() for x in leaves]
    return grads, constants, float(out.detach())


def slope(torch: Any, seed: int, constants: list[Any], h: float = 1e-6) -> tuple[list[Any], float]:
    """Central difference along a random direction: (the direction, the slope)."""
    random = np.random.RandomState(seed + 7)
    program, arrays = generate(seed), inputs(seed)
    way = [random.uniform(-1, 1, a.shape) for a in arrays]
    ends = []
    for sign in (1, -1):
        moved = [torch.from_numpy(a + sign * h * w) for a, w in zip(arrays, way, strict=True)]
        with torch.no_grad():
            ends.append(float(execute(torch, program, moved, list(constants))))
    return way, (ends[0] - ends[1]) / (2 * h)
