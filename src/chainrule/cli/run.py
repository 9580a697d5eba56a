"""`chainrule run`: a PyTorch program on chainrule, as `python` would run it.

    chainrule run train.py --epochs 3
    chainrule run -m package.train --epochs 3
    chainrule run lesson.ipynb

The program sees its own sys.argv, sys.path[0] and `__main__`; its exit status is ours, and a
traceback starts at its own first line.  Python processes that it starts run on chainrule too.
"""

from __future__ import annotations

import argparse
import importlib.machinery
import importlib.util
import os
import runpy
import sys
import traceback
from types import ModuleType, TracebackType
from typing import Any

from chainrule import compat
from chainrule.errors import ChainruleError

HELP = """\
usage: chainrule run [--seed N] PROGRAM [ARGUMENT ...]
       chainrule run [--seed N] -m MODULE [ARGUMENT ...]

Run a PyTorch program, unchanged, on chainrule.

  PROGRAM   a script, a notebook (.ipynb), or a folder with a __main__.py
  -m        run a module by its name, as python -m does
  --seed N  seed torch, random and numpy.random before the program starts

What follows the program's name belongs to the program.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For `chainrule --help`; `main` reads the arguments itself."""
    parser.add_argument("program", nargs=argparse.REMAINDER)


def run(args: argparse.Namespace) -> int:
    return main(args.program)


def main(arguments: list[str]) -> int:
    """Run the program that `arguments` name; returns its exit status."""
    seed = module = None
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        name, equals, value = option.partition("=")
        if option in ("-h", "--help"):
            print(HELP, end="")
            return 0
        if name == "--seed" and (equals or rest):
            text = value if equals else rest.pop(0)
            if not text.lstrip("-").isdigit():
                return complain(f"--seed takes a whole number, not {text!r}")
            seed = int(text)
        elif option == "-m" and rest:
            module = rest.pop(0)
            break
        else:
            return complain(f"unknown option, or one without its value: {option}")
    if module is None and not rest:
        return complain("which program?")
    if module is None and not os.path.exists(rest[0]):
        return complain(f"there is no file {rest[0]!r}")
    try:
        compat.install(force=True, children=True)
    except ChainruleError as error:
        return complain(str(error))
    if seed is not None:
        plant(seed)
    try:
        if module is not None:
            run_module(module, rest)
        else:
            run_file(rest[0], rest[1:])
    except SystemExit:
        raise
    except KeyboardInterrupt as stop:
        show(stop)
        return 130
    except BaseException as error:
        show(error)
        return 1
    return 0


def complain(text: str) -> int:
    print(f"chainrule run: {text}\n\n{HELP}", end="", file=sys.stderr)
    return 2


def plant(seed: int) -> None:
    """Seed every generator a program draws from."""
    import random

    import numpy as np

    import chainrule

    chainrule.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)


def run_file(path: str, arguments: list[str]) -> None:
    """Run a script, a notebook or a folder as `__main__`."""
    sys.argv = [path, *arguments]
    if os.path.isdir(path):
        sys.path[0:1] = [path]
        runpy.run_path(path, run_name="__main__")
        return
    sys.path[0:1] = [os.path.dirname(os.path.realpath(path))]
    main_module = ModuleType("__main__")
    main_module.__file__ = os.path.abspath(path) if sys.version_info >= (3, 9) else path
    loader = importlib.machinery.SourceFileLoader("__main__", path)
    main_module.__dict__.update(__builtins__=__builtins__, __loader__=loader, __cached__=None)
    sys.modules["__main__"] = main_module
    if path.endswith(".ipynb"):
        from chainrule.compat import notebooks

        notebooks.run(path, main_module.__dict__)
        return
    with open(path, "rb") as file:
        source = file.read()
    if b"get_ipython" in source or b"\n%" in source or b"\n!" in source:
        from chainrule.compat import notebooks

        code = notebooks.compile_script(source, path, main_module.__dict__)
    else:
        code = compile(source, path, "exec", dont_inherit=True)
    exec(code, main_module.__dict__)


def run_module(name: str, arguments: list[str]) -> None:
    """Run a module as `__main__`, found as `python -m` finds it."""
    sys.path[0:1] = [os.getcwd()]
    sys.argv = [name, *arguments]
    spec: Any = importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = importlib.util.find_spec(f"{name}.__main__")
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name}", name=name)
    code = spec.loader.get_code(spec.name)
    sys.argv[0] = spec.origin
    main_module = ModuleType("__main__")
    main_module.__dict__.update(
        __spec__=spec, __file__=spec.origin, __package__=spec.parent, __loader__=spec.loader,
        __builtins__=__builtins__, __cached__=spec.cached,
    )  # fmt: skip
    sys.modules["__main__"] = main_module
    exec(code, main_module.__dict__)


def show(error: BaseException) -> None:
    """Print a traceback as Python does, without the frames that started the program."""
    trace = error.__traceback__
    while trace is not None and is_starter(trace):
        trace = trace.tb_next
    error.__traceback__ = trace
    if sys.excepthook is sys.__excepthook__:
        traceback.print_exception(error)  # the built-in hook knows no lines of notebooks
    else:
        sys.excepthook(type(error), error, trace)


def is_starter(trace: TracebackType) -> bool:
    """Whether a frame belongs to this command, or to runpy on its behalf."""
    file = trace.tb_frame.f_code.co_filename
    return file in (__file__, notebooks_file()) or file == "<frozen runpy>"


def notebooks_file() -> str:
    """Where notebooks are run, a starter too."""
    return os.path.join(os.path.dirname(compat.__file__), "notebooks.py")
