"""Record what torch gives for every row of the op table: forward values and gradients.

    python tools/record_torch.py [FAMILY ...]

Needs torch 2.13 and chainrule's tests beside it.  Writes tests/recorded/ops_<family>.npz, one per
module of tests/cases; the tests then need no torch.  A call that torch refuses is listed.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from pathlib import Path

import numpy as np
import torch

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))

import framework  # noqa: E402
import table  # noqa: E402


def record(family: str) -> None:
    known = set(table.TABLE)
    importlib.import_module(f"cases.{family}")
    arrays: dict[str, np.ndarray] = {}
    refused = []
    for name, case in table.TABLE.items():
        if name in known:
            continue
        for key, _, sample in framework.keyed_calls(case):
            try:
                arrays.update(framework.result(torch, case, sample, key))
            except Exception as error:
                refused.append(f"{key}: {type(error).__name__}: {str(error).splitlines()[0][:90]}")
                arrays[f"{key}|refused"] = np.zeros(0)
    path = TESTS / "recorded" / f"ops_{family}.npz"
    np.savez_compressed(path, **framework.packed(arrays))
    print(f"{path.name}: {len(arrays)} arrays, {path.stat().st_size / 1024:.0f} KB")
    for line in refused:
        print("  torch refuses", line)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    found = sorted(p.stem for p in (TESTS / "cases").glob("*.py") if p.stem != "__init__")
    for family in sys.argv[1:] or found:
        record(family)
