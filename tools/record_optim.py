"""Record in tests/recorded/optim.npz where torch's optimisers and schedules of updates.py end.

Run with an interpreter that has torch: python tools/record_optim.py
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import draws  # noqa: E402
import updates  # noqa: E402

warnings.simplefilter("ignore")
recorded: dict[str, np.ndarray] = {}
for name, options in updates.CONFIGS:
    for dtype in ("float32", "float64"):
        optimizer, params = updates.train(torch, name, options, dtype)
        key = updates.key(name, options, dtype)
        recorded[key] = np.concatenate([p.detach().numpy().reshape(-1) for p in params])
        state = optimizer.state_dict()
        layout = {
            "repr": repr(optimizer), "groups": [list(g) for g in state["param_groups"]],
            "state": {str(k): {n: [str(v.dtype), list(v.shape)] for n, v in s.items()}
                      for k, s in state["state"].items()},
        }  # fmt: skip
        recorded[f"{key}/layout"] = np.frombuffer(json.dumps(layout).encode(), np.uint8)
for name in updates.SCHEDULES:
    recorded[f"schedule/{name}"] = updates.rates(torch, name)
target = ROOT / "tests" / "recorded" / "optim.npz"
draws.save(target, recorded)
print(f"{len(recorded)} arrays, {target.stat().st_size / 1000:.0f} kB in {target}")
