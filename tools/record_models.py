"""Record the state_dicts of torchvision's models: tests/recorded/models.json (needs torchvision).

For each model: how many entries, a digest of all keys and shapes, and for seed 0 the sums of a few
weights.
"""

import hashlib
import json
import pathlib
import warnings

import torch
from torchvision import models

FILE = pathlib.Path(__file__).parent.parent / "tests" / "recorded" / "models.json"
DRAWN = ("resnet18", "resnext50_32x4d", "googlenet", "vgg11_bn", "mobilenet_v2", "densenet121",
         "squeezenet1_1")  # fmt: skip
NAMES = """alexnet googlenet resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d
resnext101_32x8d resnext101_64x4d wide_resnet50_2 wide_resnet101_2 vgg11 vgg13 vgg16 vgg19 vgg11_bn
vgg13_bn vgg16_bn vgg19_bn densenet121 densenet161 densenet169 densenet201 squeezenet1_0
squeezenet1_1 mobilenet_v2 mobilenet_v3_small mobilenet_v3_large inception_v3 shufflenet_v2_x1_0
efficientnet_b0 vit_b_16""".split()  # noqa: SIM905


def digest(model):
    text = "\n".join(f"{k} {tuple(v.shape)}" for k, v in model.state_dict().items())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    found = {}
    for name in NAMES:
        torch.manual_seed(0)
        model = getattr(models, name)()
        entry = {"entries": len(model.state_dict()), "digest": digest(model)}
        if name in DRAWN:
            weights = [p for p in model.parameters() if p.ndim > 1]
            entry["sums"] = [float(w.double().sum()) for w in (weights[0], weights[-1])]
        found[name] = entry
    lines = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in found.items())
    FILE.write_text("{\n" + lines + "\n}\n")
