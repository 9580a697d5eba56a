"""docs/lecture-operators.md is true: every line runs, has that shape, and has a gradient."""

import pathlib
import re

import numpy as np
import pytest

PAGE = (pathlib.Path(__file__).parents[1] / "docs" / "lecture-operators.md").read_text()
SETUP = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
ROW = re.compile(r"^\| (\w+) \| (.+?) \| `(.+)` \| \((.*)\) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE)


def namespace():
    names = {}
    exec(SETUP, names)
    return names


def test_the_page_has_all_operators():
    assert len({row[0] for row in ROWS}) == 55
    assert PAGE.count("\n| ") == len(ROWS) + 1  # every row was read


@pytest.mark.parametrize(("operator", "here", "line", "shape"), ROWS, ids=[r[0] for r in ROWS])
def test_line_runs_and_has_a_gradient(operator, here, line, shape):
    names = namespace()
    torch = names["torch"]
    here = here.replace("Tensor", "torch.Tensor")
    for path in re.findall(r"(?:nn|torch|Tensor)(?:\.\w+)+", here):
        value = torch
        for part in path.removeprefix("torch.").split("."):
            value = getattr(value, part)
        assert callable(value), path
    leaves = {n: v for n, v in names.items()
              if isinstance(v, torch.Tensor) and v.is_floating_point()
              and re.search(rf"\b{n}\b", line)}  # fmt: skip
    for leaf in leaves.values():
        leaf.requires_grad_()
    out = eval(line, names)
    assert tuple(out.shape) == tuple(int(n) for n in shape.split(",") if n.strip())
    assert np.isfinite(out.detach().numpy()).all()
    if out.requires_grad:
        out.sum().backward()
    for name, leaf in leaves.items():
        if name == "y" and "sign()" in line:
            continue
        assert leaf.grad is not None, f"{operator}: no gradient of {name}"
        assert np.isfinite(leaf.grad.numpy()).all()
