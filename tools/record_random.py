"""Record in tests/recorded/random.npz what torch draws in every call of tests/draws.py.

Run with an interpreter that has torch: python tools/record_random.py
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import draws  # noqa: E402

recorded: dict[str, np.ndarray] = {}
for name in draws.CALLS:
    for i, array in enumerate(draws.draw(torch, name)):
        key = f"{name}#{i}"
        if array.size > 1000:
            recorded[f"{key}#crc"] = np.array(zlib.crc32(np.ascontiguousarray(array).tobytes()))
            array = np.ascontiguousarray(array).reshape(-1)[::197]
        recorded[key] = array
torch.manual_seed(1337)
recorded["state/seeded"] = torch.get_rng_state().numpy().copy()
torch.randn(3)
torch.rand(700)
recorded["state/later"] = torch.get_rng_state().numpy().copy()
recorded["state/next"] = torch.randn(20).numpy()
recorded["version"] = np.frombuffer(torch.__version__.encode(), np.uint8)
target = ROOT / "tests" / "recorded" / "random.npz"
draws.save(target, recorded)
print(f"{len(recorded)} arrays, {target.stat().st_size / 1000:.0f} kB in {target}")
