"""Record torchvision's transforms: tests/recorded/torchvision.npz (needs torchvision and Pillow).

For each case of tests/vision_cases.py, kind of image and seed: the result, whether there was an
error instead, the number that torch's stream gives next; how the transform prints;
and what small networks give.
"""

import json
import pathlib
import random
import sys

import numpy as np
import torch
from PIL import Image
from torchvision import models, transforms

TESTS = pathlib.Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))
from vision_cases import CASES, HEIGHT, NETWORKS, SEEDS, WIDTH, outputs  # noqa: E402


def image():
    """Smooth colours with some noise."""
    rng = np.random.RandomState(0)
    coarse = rng.randint(0, 250, (5, 6, 3)).astype(np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR))
    return smooth + rng.randint(0, 6, smooth.shape).astype(np.uint8)


if __name__ == "__main__":
    pixels = image()
    kept, told = {"image": pixels}, {"repr": {}, "next": {}, "errors": {}}
    given = {
        "picture": Image.fromarray(pixels),
        "bytes": torch.from_numpy(pixels.transpose(2, 0, 1).copy()),
        "floats": torch.from_numpy((pixels.transpose(2, 0, 1) / 255).astype(np.float32)),
    }
    for name, build in CASES.items():
        told["repr"][name] = repr(build(transforms))
        for kind in SEEDS:
            for seed in SEEDS[kind]:
                key = f"{name}/{kind}/{seed}"
                torch.manual_seed(seed)
                random.seed(seed)
                try:
                    kept[key] = np.array(build(transforms)(given[kind]))
                except Exception as error:
                    told["errors"][key] = type(error).__name__
                told["next"][key] = torch.rand(1).item()
    told["networks"] = {name: outputs(torch, models, name) for name in NETWORKS}
    kept["told"] = np.array(json.dumps(told))
    np.savez_compressed(TESTS / "recorded" / "torchvision.npz", **kept)
