"""Record in tests/recorded/distributions.npz what torch's distributions give in every case.

Run with an interpreter that has torch: python tools/record_distributions.py
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import distribution_cases as cases  # noqa: E402
import draws  # noqa: E402

warnings.simplefilter("ignore")
recorded: dict[str, np.ndarray] = {}


def keep(prefix: str, found: dict) -> None:
    for key, value in found.items():
        if isinstance(value, str):
            value = np.frombuffer(value.encode(), np.uint8)
        recorded[f"{prefix}|{key}"] = np.asarray(value)


for name in cases.CASES:
    dtype = cases.ONLY.get(name, "float64")
    keep(f"case {name}", cases.observe(torch, name, dtype))
for p in cases.FAMILIES:
    for q in cases.FAMILIES:
        found = cases.divergence(torch, p, q)
        if found is not None:
            keep(f"kl {p} {q}", found)
for name in cases.TRANSFORMS:
    keep(f"transform {name}", cases.transform(torch, name))
for name in cases.CONSTRAINTS:
    keep(f"constraint {name}", cases.constraint(torch, name))
for name in cases.ERRORS:
    found = cases.error(torch, name)
    if found is not None:
        kinds, message = found
        names = " ".join(k.__name__ for k in kinds)
        keep(f"error {name}", {"kinds": names, "message": message})
recorded["version"] = np.frombuffer(torch.__version__.encode(), np.uint8)
target = ROOT / "tests" / "recorded" / "distributions.npz"
draws.save(target, recorded)
print(f"{len(recorded)} arrays, {target.stat().st_size / 1000:.0f} kB in {target}")
