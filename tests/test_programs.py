"""500 random programs: gradients agree with central differences (and live/ compares with torch).

`CHAINRULE_PROGRAMS=20000 make test` runs as many as asked for.
"""

import os

import numpy as np
import pytest

import chainrule as torch
import programs

COUNT = int(os.environ.get("CHAINRULE_PROGRAMS", "500"))
BATCH = 50


@pytest.mark.parametrize("start", range(0, COUNT, BATCH))
def test_gradients_agree_with_central_differences(start):
    for seed in range(start, min(start + BATCH, COUNT)):
        grads, constants, _ = programs.gradients(torch, seed)
        way, slope = programs.slope(torch, seed, constants)
        ours = sum(float((g * w).sum()) for g, w in zip(grads, way, strict=True))
        scale = max(1.0, abs(slope), *(float(np.abs(g).max()) for g in grads))
        assert abs(ours - slope) < 2e-5 * scale, f"program {seed}: {ours} against {slope}"


def test_programs_hold_what_they_promise():
    kinds = {kind for seed in range(100) for kind, *_ in programs.generate(seed)}
    assert kinds == {*programs.PURE, *programs.WRITES, *programs.ISLANDS}
    lengths = {len(programs.generate(seed)) for seed in range(300)}
    assert min(lengths) == 2 and max(lengths) == 40
