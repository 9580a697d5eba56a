"""Notebooks, and scripts exported from them, as plain programs.

`%magic` lines, `!commands` and `get_ipython()` calls act on the notebook's front end, so they are
left out, with a note on the error stream; `%time`, `%cd` and `%env`, which mean something
without one, do what they say.
"""

from __future__ import annotations

import json
import linecache
import os
import re
import sys
from types import CodeType
from typing import Any

LINE = re.compile(r"^(\s*)(%%?|!)(.*)$")
ASSIGNED = re.compile(r"^(\s*)([\w, .\[\]'\"]+?)\s*=\s*([!%])(.*)$")
QUIET = ("matplotlib", "load_ext", "reload_ext", "autoreload", "config", "pylab")
RUN_THE_CELL = ("time", "timeit", "capture", "prun")


def run(path: str, names: dict[str, Any]) -> None:
    """Run the code cells of a notebook, one after another, in one namespace."""
    with open(path, encoding="utf-8") as file:
        cells = json.load(file)["cells"]
    names.update(get_ipython=lambda: shell, display=print)
    shell = Shell(names)
    number = 0
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        number += 1
        source = "".join(cell["source"])
        exec(compile_cell(source, f"{path}, cell {number}"), names)


def compile_script(source: bytes, path: str, names: dict[str, Any]) -> CodeType:
    """Compile a script that may hold `get_ipython()` calls or lines of notebook syntax."""
    names.update(get_ipython=lambda: shell)
    shell = Shell(names)
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except SyntaxError:
        plain = without_magic(source.decode())
        if plain.encode() == source:
            raise
        return compile(plain, path, "exec", dont_inherit=True)


def compile_cell(source: str, name: str) -> CodeType:
    """Compile one cell; tracebacks show its lines."""
    plain = plain_cell(source)
    lines = [line + "\n" for line in plain.split("\n")]
    linecache.cache[name] = (len(plain), None, lines, name)
    return compile(plain, name, "exec", dont_inherit=True)


def plain_cell(source: str) -> str:
    """A cell as plain Python, with as many lines."""
    first = source.lstrip().partition("\n")[0]
    if first.startswith("%%"):
        magic = first[2:].split(" ")[0].strip()
        if magic in RUN_THE_CELL:
            source = "\n" + source.lstrip().partition("\n")[2]
        else:
            source = f"get_ipython().run_cell_magic({magic!r}, '', '')"
    return without_magic(source)


def without_magic(source: str) -> str:
    """Notebook syntax as calls of `get_ipython()`, line by line."""
    out = []
    for line in source.split("\n"):
        match, given = LINE.match(line), ASSIGNED.match(line)
        if match and not continues(out):
            indent, sign, rest = match.groups()
            call = "system" if sign == "!" else "magic"
            out.append(f"{indent}get_ipython().{call}({rest.strip()!r})")
        elif given and not continues(out):
            indent, target, sign, rest = given.groups()
            call = "getoutput" if sign == "!" else "magic"
            out.append(f"{indent}{target} = get_ipython().{call}({rest.strip()!r})")
        elif line.rstrip().endswith("?") and re.match(r"^\s*\??[\w.]+\?{1,2}\s*$", line):
            out.append("")
        else:
            out.append(line)
    return "\n".join(out)


def continues(lines: list[str]) -> bool:
    """Whether the next line goes on with an expression, where % is an operator."""
    before = next((s for s in reversed(lines) if s.strip()), "")
    return before.rstrip().endswith(("\\", "(", "[", ",", "+", "*", "%"))


class Shell:
    """What `get_ipython()` returns: the front end that is not there."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.user_ns = names
        self.config: dict[str, Any] = {}

    def magic(self, text: str) -> Any:
        name, _, line = text.strip().partition(" ")
        return self.run_line_magic(name, line)

    def run_line_magic(self, name: str, line: str = "", *rest: Any) -> Any:
        """Act on a `%magic`: run what `%time` times, follow `%cd` and `%env`, note the others."""
        line = line.strip()
        if name in ("time", "timeit", "prun"):
            return self.evaluate(re.sub(r"^(-\w+\s+(\d+\s+)?)*", "", line))
        if name == "cd":
            os.chdir(os.path.expanduser(line.strip("'\"")))
        elif name in ("env", "set_env") and line:
            key, _, value = line.replace("=", " ", 1).partition(" ")
            os.environ[key] = value.strip()
        elif name not in QUIET:
            note(f"%{name} {line}".rstrip())
        return None

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        """Run the cell under `%%time` and its like; note the others."""
        if name in RUN_THE_CELL:
            exec(compile_cell(cell, f"%%{name}"), self.user_ns)
        elif name not in QUIET:
            note(f"%%{name}")

    def evaluate(self, source: str) -> Any:
        try:
            return eval(source, self.user_ns)
        except SyntaxError:
            exec(source, self.user_ns)
            return None

    def system(self, command: str) -> None:
        note(f"!{command}")

    def getoutput(self, command: str) -> list[str]:
        note(f"!{command}")
        return []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: note(f"get_ipython().{name}")


def note(what: str) -> None:
    """Say what was left out."""
    print(f"chainrule run: left out, it needs a notebook: {what}", file=sys.stderr)
