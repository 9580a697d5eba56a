"""Random programs against an installed torch: same values, same gradients."""

import os

import numpy as np
import pytest
import torch as peer

import chainrule as torch
import programs

COUNT = int(os.environ.get("CHAINRULE_PROGRAMS", "1000"))
BATCH = 100
peer.set_num_threads(1)


@pytest.mark.live
@pytest.mark.parametrize("start", range(0, COUNT, BATCH))
def test_values_and_gradients_are_torchs(start):
    for seed in range(start, min(start + BATCH, COUNT)):
        theirs, _, value = programs.gradients(peer, seed)
        ours, _, got = programs.gradients(torch, seed)
        assert abs(got - value) <= 1e-10 * max(1, abs(value)), f"program {seed}"
        for a, b in zip(ours, theirs, strict=True):
            scale = max(1.0, float(np.abs(b).max()))
            np.testing.assert_allclose(a, b, 1e-9, 1e-10 * scale, err_msg=f"program {seed}")
