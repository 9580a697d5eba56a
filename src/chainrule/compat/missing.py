"""Names that torch has and chainrule lacks: when they fail, and what they say.

An attribute that is not there raises AttributeError, so `hasattr(torch, "x")` answers.  An
*import* of a name goes through, if the program has no fallback of its own for it, and what was
imported raises `NotHereError` when it is used.
"""

from __future__ import annotations

import ast
import difflib
import dis
import functools
import importlib
import linecache
import os
import sys
from types import CodeType, FrameType, ModuleType
from typing import Any, NoReturn

from chainrule.errors import NotHereError

# What is known of names that are not here, by prefix; the longest one that fits is said.
PLANS = {
    "torch.vmap": "planned: batching comes with the batching namespace of the ops",
    "torch.func": "planned: batching comes with the batching namespace of the ops",
    "torch.distributed": "planned: one process works today (world_size=1), several will",
    "torch.cuda": "planned: tensors on NVIDIA GPUs",
    "torch.mps": "not planned: there is no Apple GPU backend",
    "torch.xpu": "not planned: there is no Intel GPU backend",
    "torch.fx": "not planned: graphs are read through chainrule's own trace",
    "torch.export": "not planned: graphs are read through chainrule's own trace",
    "torch._dynamo": "not planned: chainrule.compile has no bytecode front end to configure",
    "torch._inductor": "not planned: chainrule.compile has a code generator of its own",
    "torch.jit": "not planned beyond script and trace as transparent wrappers",
    "torch.onnx": "not planned so far",
    "torch.ao": "not planned: quantisation",
    "torch.quantization": "not planned: quantisation",
    "torch.nn.quantized": "not planned: quantisation",
    "torch.nested": "not planned: pad the sequences, or pack them (nn.utils.rnn)",
    "torch.package": "not planned",
    "torch.library": "not planned: write a torch.autograd.Function",
    "torch.utils.cpp_extension": "not planned: extensions are compiled against libtorch",
    "torch._C": "not planned: internals of libtorch",
    "torch._six": "torch dropped it in 1.13: use collections.abc and str",
    "torchvision": "here in part: transforms, datasets, models, utils, io, ops",
}


@functools.cache
def torch_names() -> dict[str, frozenset[str]]:
    """The public names of torch 2.13 by module (`torch.nn`), classes marked with "()"."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "names.txt")
    with open(path, encoding="utf-8") as file:
        rows = (line.rstrip("\n").partition(": ") for line in file)
        return {module: frozenset(names.split()) for module, _, names in rows}


def known_to_torch(name: str) -> bool:
    """Whether torch 2.13 has this full name."""
    module, _, last = name.rpartition(".")
    return name in torch_names() or last in torch_names().get(module, ())


def plan(name: str) -> str:
    """Whether a missing name is planned, in a few words."""
    fits = [p for p in PLANS if name == p or name.startswith(p + ".")]
    if fits:
        return PLANS[max(fits, key=len)]
    if not name.startswith("torch.") or known_to_torch(name):
        return "not planned so far"
    return "torch 2.13 has no such public name either"


def nearest(name: str, limit: int = 3) -> list[str]:
    """The names here that are closest to a missing one: in its module first, then anywhere."""
    module, _, last = name.rpartition(".")
    found: list[str] = []
    for place in dict.fromkeys((module, "torch", "torch.nn", "torch.nn.functional",
                                "torch.linalg", "torch.special", "torch.optim")):  # fmt: skip
        names = offered(place)
        same = [n for n in names if n.lower() == last.lower()]
        close = difflib.get_close_matches(last, names, limit, 0.75 if place == module else 0.9)
        found += [f"{place}.{n}" for n in (*same, *close)]
    found = list(dict.fromkeys(found))
    return found[:limit]


def offered(place: str) -> list[str]:
    """The public names of one of our modules, under its torch name."""
    home = "chainrule" + place.removeprefix("torch")
    module = sys.modules.get(home)
    if module is None:
        try:
            module = importlib.import_module(home)
        except ImportError:
            return []
    from chainrule.compat.hook import HIDDEN

    return [n for n in dir(module) if not (n.startswith("_") or (place == "torch" and n in HIDDEN))]


def advice(name: str) -> str:
    """The second line of the error: nearest names and plan."""
    close = nearest(name)
    text = f"Nearest here: {', '.join(close)}; {plan(name)}." if close else f"{plan(name)}."
    return text[0].upper() + text[1:]


def not_here(name: str) -> NotHereError:
    """The error for using a name that is not here."""
    return NotHereError(f"{name} is not in chainrule", fix=advice(name))


def attribute(module: str, name: str) -> str:
    """The text of the AttributeError for `module.name`."""
    full = f"{module}.{name}"
    return f"module '{module}' has no attribute '{name}' in chainrule\n  {advice(full)}"


# ---- imports -----------------------------------------------------------------------------------


def module_getattr(module: str) -> Any:
    """A module-level `__getattr__` that explains what is missing."""

    def __getattr__(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module '{module}' has no attribute '{name}'")
        return on_import(module, name, sys._getframe(1))

    return __getattr__


def on_import(module: str, name: str, frame: FrameType) -> Any:
    """A placeholder for `from module import name`; AttributeError for every other access."""
    if is_from_import(frame) and not has_fallback(frame):
        return Missing(f"{module}.{name}")
    if frame.f_globals.get("__name__", "").startswith(("importlib", "chainrule.")):
        raise AttributeError(f"module '{module}' has no attribute '{name}'")  # nobody reads it
    raise AttributeError(attribute(module, name))


def is_from_import(frame: FrameType) -> bool:
    """Whether a frame stands at `from ... import name`."""
    code = frame.f_code.co_code
    return 0 <= frame.f_lasti < len(code) and dis.opname[code[frame.f_lasti]] == "IMPORT_FROM"


def importer(frame: FrameType | None) -> FrameType | None:
    """The frame whose import statement is being served; None for a mere question.

    Questions are `importlib.util.find_spec("torch.x")`, and the import system's own whether a
    name in `from torch import x` is a module.
    """
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == "importlib.util" or frame.f_code.co_name == "_handle_fromlist":
            return None
        if not module.startswith(("importlib", "chainrule.compat.")):
            return frame
        frame = frame.f_back
    return None


def has_fallback(frame: FrameType) -> bool:
    """Whether the statement a frame stands at lies in a `try` that handles ImportError."""
    lines = guarded_lines(frame.f_code)
    return frame.f_lineno in lines


@functools.lru_cache(64)
def guarded_lines(code: CodeType) -> frozenset[int]:
    """The lines of a code object's file inside a `try` whose handlers take an ImportError."""
    source = "".join(linecache.getlines(code.co_filename))
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return frozenset()
    guarded: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Try, ast.TryStar)) and any(takes(h) for h in node.handlers):
            for statement in node.body:
                guarded.update(range(statement.lineno, (statement.end_lineno or 0) + 1))
    return frozenset(guarded)


CATCHING = frozenset(
    ("ImportError", "ModuleNotFoundError", "AttributeError", "Exception", "BaseException")
)


def takes(handler: ast.ExceptHandler) -> bool:
    """Whether an `except` clause takes an ImportError or AttributeError."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(k, ast.Name) and k.id in CATCHING for k in kinds)


# ---- placeholders ------------------------------------------------------------------------------


class Missing:
    """Stands for an imported name that is not here; using it raises NotHereError.

    Only what a program does before using it goes through: annotations, `isinstance` (nothing is
    an instance of it), comparison by identity.
    """

    def __init__(self, name: str) -> None:
        self.__dict__["__name__"] = name.rpartition(".")[2]
        self.__dict__["__qualname__"] = name
        self.__dict__["__module__"] = name.rpartition(".")[0]

    def __repr__(self) -> str:
        return f"<{self.__qualname__}: not in chainrule>"

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise not_here(self.__qualname__)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise not_here(self.__qualname__)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise not_here(self.__qualname__)

    def __mro_entries__(self, bases: Any) -> NoReturn:
        raise not_here(self.__qualname__)

    def __iter__(self) -> NoReturn:
        raise not_here(self.__qualname__)

    def __bool__(self) -> NoReturn:
        raise not_here(self.__qualname__)

    def __instancecheck__(self, value: Any) -> bool:
        return False

    def __subclasscheck__(self, cls: Any) -> bool:
        return False

    def __getitem__(self, item: Any) -> Missing:
        return self

    def __or__(self, other: Any) -> Missing:
        return self

    __ror__ = __or__


class MissingModule(ModuleType):
    """Stands for an imported module that is not here."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"{name} is not in chainrule.")
        self.__dict__["__path__"] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        frame = sys._getframe(1)
        if is_from_import(frame) and not has_fallback(frame):
            return Missing(f"{self.__name__}.{name}")
        raise not_here(f"{self.__name__}.{name}")
