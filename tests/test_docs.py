"""Every public name has a docstring, and every example in one runs."""

import doctest
import importlib
import inspect
import pathlib
import pkgutil
import subprocess
import sys

import pytest

import chainrule as torch

MODULES = sorted(
    m.name
    for m in pkgutil.walk_packages(torch.__path__, "chainrule.")
    if not m.name.endswith("__main__")
)
ROOT = pathlib.Path(__file__).parent.parent


@pytest.mark.parametrize("name", ["chainrule", *MODULES])
def test_examples_run(name):
    module = importlib.import_module(name)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    torch.manual_seed(0)
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=flags)
    for test in finder.find(module, name):
        runner.run(test)
    assert runner.failures == 0


def public(module):
    for name in dir(module):
        if not name.startswith("_"):
            value = getattr(module, name)
            if callable(value) or inspect.isclass(value):
                yield name, value


NAMESPACES = ("chainrule", "chainrule.nn", "chainrule.nn.functional", "chainrule.nn.init",
              "chainrule.optim", "chainrule.optim.lr_scheduler", "chainrule.linalg",
              "chainrule.special", "chainrule.autograd", "chainrule.utils.data",
              "chainrule.datasets", "chainrule.distributions",
              "chainrule.distributions.constraints", "chainrule.distributions.utils")  # fmt: skip


@pytest.mark.parametrize("space", NAMESPACES)
def test_public_names_have_docstrings(space):
    module = importlib.import_module(space)
    bare = []
    for name, value in public(module):
        home = getattr(value, "__module__", "") or ""
        if home.startswith("chainrule") and not (value.__doc__ or "").strip():
            bare.append(name)
    assert not bare, f"{space}: without docstring: {bare}"


def test_tensor_methods_have_docstrings():
    bare = [n for n, v in vars(torch.Tensor).items()
            if not n.startswith("_") and callable(v) and not (v.__doc__ or "").strip()]  # fmt: skip
    assert not bare, bare


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_python_in_the_pages_runs(name):
    """The ```python blocks of a page, one after another, as a newcomer would paste them."""
    text = (ROOT / name).read_text()
    blocks = [part.split("```")[0] for part in text.split("```python\n")[1:]]
    assert blocks, f"{name} shows no code"
    done = subprocess.run([sys.executable, "-W", "error", "-c", "\n".join(blocks)],
                          capture_output=True, text=True, cwd=ROOT)  # fmt: skip
    assert done.returncode == 0, done.stderr
