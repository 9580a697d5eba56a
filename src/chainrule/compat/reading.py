"""Reads a program without running it: which of torch's names it uses, and which are here."""

from __future__ import annotations

import ast
import collections
import functools
import importlib
import inspect
import io
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.compat import missing

WORKS, KEYWORD, GUARDED, MISSING = "works", "keyword", "guarded", "missing"


@dataclass
class Use:
    """A name a program uses: where, with which keywords, and what is known of it here."""

    name: str
    lines: list[str] = field(default_factory=list)
    keywords: set[str] = field(default_factory=set)
    guarded: bool = True  # in a try or under hasattr, everywhere it stands
    status: str = WORKS
    note: str = ""


@dataclass
class Report:
    """What was found in one file."""

    path: str
    uses: list[Use] = field(default_factory=list)
    error: str = ""

    def of(self, *status: str) -> list[Use]:
        """The uses with one of these states."""
        return [u for u in self.uses if u.status in status]


def read(path: Path) -> Report:
    """Read one script or notebook."""
    report = Report(str(path))
    try:
        source, where = text_of(path)
        tree = ast.parse(source)
    except (SyntaxError, ValueError, KeyError) as error:
        line = getattr(error, "lineno", None)
        report.error = f"{error}" if line is None else f"line {line}: {error.args[0]}"
        return report
    reader = Reader(where)
    reader.visit(tree)
    report.uses = sorted(reader.uses.values(), key=lambda u: u.name)
    for use in report.uses:
        judge(use)
    return report


def text_of(path: Path) -> tuple[str, Any]:
    """A program's source, and a function from its line numbers to places."""
    from chainrule.compat import notebooks

    text = path.read_text(encoding="utf-8", errors="replace").lstrip("\ufeff")
    if path.suffix != ".ipynb":
        try:
            ast.parse(text)
        except SyntaxError:
            text = notebooks.without_magic(text)
        return text, str
    lines: list[str] = []
    places: list[str] = []
    number = 0
    for cell in json.loads(text)["cells"]:
        if cell["cell_type"] != "code":
            continue
        number += 1
        source = notebooks.plain_cell("".join(cell["source"]))
        for i, line in enumerate(source.split("\n"), 1):
            lines.append(line)
            places.append(f"cell {number}:{i}")
    return "\n".join(lines), lambda line: places[line - 1]


ROOTS = ("torch", "torchvision")


class Reader(ast.NodeVisitor):
    """Collects the uses of torch's names, through the aliases a program gives them."""

    def __init__(self, where: Any) -> None:
        self.where = where
        self.aliases: dict[str, str] = {}
        self.uses: dict[str, Use] = {}
        self.guards = 0

    def use(self, name: str, node: ast.AST, keywords: Any = ()) -> None:
        found = self.uses.setdefault(name, Use(name))
        line = self.where(node.lineno)  # type: ignore[attr-defined]
        if line not in found.lines:
            found.lines.append(line)
        found.keywords.update(keywords)
        found.guarded = found.guarded and self.guards > 0

    # ---- imports ---------------------------------------------------------------------------

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.name.partition(".")[0] in ROOTS:
                root = alias.name.partition(".")[0]
                self.aliases[alias.asname or root] = alias.name if alias.asname else root
                if alias.name != "torch":
                    self.use(alias.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level or module.partition(".")[0] not in ROOTS:
            return
        for alias in node.names:
            if alias.name == "*":
                self.use(module, node)
                for name in missing.torch_names().get(module, ()):
                    self.aliases.setdefault(name, f"{module}.{name}")
            else:
                self.aliases[alias.asname or alias.name] = f"{module}.{alias.name}"
                self.use(f"{module}.{alias.name}", node)

    # ---- names -----------------------------------------------------------------------------

    def dotted(self, node: ast.AST) -> str | None:
        """The torch name that an expression spells, through aliases; None for others."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.aliases:
            return None
        return ".".join([self.aliases[node.id], *reversed(parts)])

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = self.dotted(node)
        if name is None:
            if isinstance(node.ctx, ast.Load) and node.attr in unmistakable():
                self.use(f"torch.Tensor.{node.attr}", node)
            self.generic_visit(node)
        elif isinstance(node.ctx, ast.Load):
            self.use(name, node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            if isinstance(target, ast.Name):
                name = self.dotted(node.value)
                if name is not None and isinstance(node.value, ast.Attribute):
                    self.aliases[target.id] = name
                else:
                    self.aliases.pop(target.id, None)

    def visit_Call(self, node: ast.Call) -> None:
        name = self.dotted(node.func)
        keywords = [k.arg for k in node.keywords if k.arg]
        if name is not None and keywords:
            self.use(name, node, keywords)
        self.generic_visit(node)

    # ---- what a program guards itself against ------------------------------------------------

    def visit_Try(self, node: Any) -> None:
        guarded = any(missing.takes(h) for h in node.handlers)
        self.guards += guarded
        for statement in node.body:
            self.visit(statement)
        self.guards -= guarded
        for part in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(part)

    visit_TryStar = visit_Try

    def visit_If(self, node: ast.If) -> None:
        asks = any(
            isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "hasattr"
            for n in ast.walk(node.test)
        ) or "__version__" in ast.dump(node.test)
        self.visit(node.test)
        self.guards += asks
        for statement in (*node.body, *node.orelse):
            self.visit(statement)
        self.guards -= asks

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit_If(ast.If(node.test, [node.body], [node.orelse]))  # type: ignore[list-item]


# Tensor methods that objects of other libraries have too.
AMBIGUOUS = (
    "names device dtype grad data is_cuda values indices index storage resize cuda backward "
    "where rename align_to register_hook map_ apply_ set_ fill log exp abs diff sub add mul "
    "div sqrt dist crow_indices sign mode sin cos tan hist histogram corrcoef cov median "
    "quantile unique floor ceil H new match row solve stft unfold unflatten flip rot90 roll "
    "tile triu tril absolute to_dense coalesce record_stream"
)


@functools.cache
def unmistakable() -> frozenset[str]:
    """Names of Tensor methods that no other common type has."""
    others: set[str] = set()
    for kind in (str, bytes, list, dict, set, tuple, int, float, complex, np.ndarray, io.TextIOBase,
                 io.BufferedIOBase, collections.OrderedDict, collections.deque, re.Pattern,
                 re.Match, Path, np.random.RandomState, np.random.Generator):  # fmt: skip
        others.update(dir(kind))
    others |= missing.torch_names().get("torch.nn.modules.module.Module()", frozenset())
    others |= set(AMBIGUOUS.split())  # fmt: skip
    return missing.torch_names().get("torch.Tensor()", frozenset()) - others


# ---- judging -------------------------------------------------------------------------------------


def judge(use: Use) -> None:
    """Set what is known of a use."""
    found, full = resolve(use.name)
    if found is MISSING:
        use.status = GUARDED if use.guarded else MISSING
        use.note = missing.advice(full)
        return
    refused = [k for k in sorted(use.keywords) if not accepts(found, k)]
    if refused:
        use.status = KEYWORD
        use.note = f"Does not take {', '.join(k + '=' for k in refused)}."


def resolve(name: str) -> tuple[Any, str]:
    """The object behind a torch name, or MISSING and the part of the name that is not here."""
    parts = name.split(".")
    place = "chainrule.compat.torchvision" if parts[0] == "torchvision" else "chainrule"
    try:
        value: Any = importlib.import_module(place)
    except ImportError:
        return MISSING, name
    for i, part in enumerate(parts[1:], 2):
        if i == 2 and parts[0] == "torch" and part in hidden():
            return MISSING, ".".join(parts[:i])
        try:
            value = getattr(value, part)
        except AttributeError:
            if not isinstance(value, ModuleType):
                if isinstance(value, type) and not part.startswith("__"):
                    if missing.known_to_torch(".".join(parts[: i - 1]) + f"().{part}"):
                        return MISSING, ".".join(parts[:i])
                    if ".".join(parts[: i - 1]) == "torch.Tensor":
                        return MISSING, ".".join(parts[:i])
                return None, name
            try:
                value = importlib.import_module(f"{value.__name__}.{part}")
            except ImportError:
                return MISSING, ".".join(parts[:i])
        except Exception:  # a property that wants an instance
            return None, name
    return value, name


def hidden() -> frozenset[str]:
    from chainrule.compat import hook

    return hook.HIDDEN


def accepts(value: Any, keyword: str) -> bool:
    """Whether a callable takes a keyword; unknown callables take all.

    A wrapper's named parameters (`out=`, `device=`) count, its `**rest` is what it wraps.
    """
    if value is None or isinstance(value, ModuleType):
        return True
    while True:
        try:
            parameters = inspect.signature(value, follow_wrapped=False).parameters.values()
        except (TypeError, ValueError):
            return True
        if any(p.name == keyword for p in parameters):
            return True
        inner = None if isinstance(value, type) else getattr(value, "__wrapped__", None)
        if inner is None:
            return any(p.kind is p.VAR_KEYWORD for p in parameters)
        value = inner
