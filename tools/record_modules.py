"""Record what torch gives for every row of the module table (tests/module_table.py).

    python tools/record_modules.py

Needs torch 2.13.  Writes tests/recorded/modules.npz; the tests then need no torch.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import torch

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))

import module_table  # noqa: E402

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    arrays = {
        f"{r.key}|{what}": a
        for r in module_table.ROWS
        for what, a in module_table.run(torch, r).items()
    }
    path = TESTS / "recorded" / "modules.npz"
    np.savez_compressed(path, **arrays)
    print(f"{path.name}: {len(arrays)} arrays, {path.stat().st_size / 1024:.0f} KB")
