"""`chainrule check`: which torch names a program uses and which are here, without running it.

chainrule check train.py
chainrule check folder/ --json
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from chainrule.compat import reading
from chainrule.compat.reading import GUARDED, KEYWORD, MISSING, WORKS, Report
from chainrule.errors import ArgumentError

SKIPPED = {"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("program", nargs="+", help="scripts, notebooks or folders")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--all", action="store_true", help="list the names that work, too")


def run(args: argparse.Namespace) -> int:
    reports = [reading.read(path) for path in programs(args.program)]
    if args.json:
        print(json.dumps([as_json(r) for r in reports], indent=1))
    else:
        for report in reports:
            if report.uses or report.error:
                show(report, args.all)
        summary(reports)
    return int(any(r.error or r.of(MISSING, KEYWORD) for r in reports))


def programs(paths: list[str]) -> list[Path]:
    """The files meant by what was given: folders stand for what is in them."""
    found: list[Path] = []
    for name in paths:
        path = Path(name)
        if path.is_dir():
            inside = [p for p in path.rglob("*") if p.suffix in (".py", ".ipynb")]
            found += sorted(p for p in inside if not hidden(p.relative_to(path)))
        elif path.exists():
            found.append(path)
        else:
            raise ArgumentError(f"there is no file or folder {name!r}")
    return found


def hidden(path: Path) -> bool:
    return any(part.startswith(".") or part in SKIPPED for part in path.parts)


def show(report: Report, everything: bool) -> None:
    """One file: a line of counts, then a line for each name that needs a look."""
    bad = report.of(MISSING, KEYWORD)
    counts = f"{len(report.uses)} torch names, {len(report.of(WORKS))} work"
    print(f"{report.path}: {report.error or counts}")
    rows = [(u.name, u.status, place(u.lines), u.note) for u in (*bad, *report.of(GUARDED))]
    if everything:
        rows += [(u.name, u.status, place(u.lines), u.note) for u in report.of(WORKS)]
    width = max((len(name) for name, *_ in rows), default=0)
    for name, status, lines, note in rows:
        print(f"  {status:<8} {name:<{width}}  {lines}")
        if note:
            print(f"           {note}")


def place(lines: list[str]) -> str:
    """Where a name stands: the first lines, and how many more."""
    shown = ", ".join(lines[:5])
    more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
    return f"line{'s' if len(lines) > 1 else ''} {shown}{more}"


def summary(reports: list[Report]) -> None:
    """The last line: whether the program can be expected to run."""
    absent = {u.name for r in reports for u in r.of(MISSING)}
    refused = {u.name for r in reports for u in r.of(KEYWORD)}
    broken = sum(bool(r.error) for r in reports)
    if not absent and not refused and not broken:
        print("All names are here.")
        return
    parts = [f"{len(absent)} missing"] if absent else []
    parts += [f"{len(refused)} called with keywords they do not take"] if refused else []
    parts += [f"{broken} files that Python cannot read"] if broken else []
    print(f"{'; '.join(parts)}.")


def as_json(report: Report) -> dict[str, object]:
    uses = [asdict(u) | {"keywords": sorted(u.keywords)} for u in report.uses]
    return {"path": report.path, "error": report.error, "names": uses}
