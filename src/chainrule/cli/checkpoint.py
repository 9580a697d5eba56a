"""Checkpoints that continue exactly: every number a run depends on, in one safetensors file.

The file is written beside its final name and then moved onto it, so a crash leaves the old one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import chainrule as torch
from chainrule import nn, optim
from chainrule.errors import FileFormatError
from chainrule.serialization import load_file, load_metadata, save_file


def save(
    path: Path,
    model: nn.Module,
    best: dict[str, Any],
    optimizer: optim.Optimizer,
    scheduler: Any,
    progress: dict[str, Any],
    random: dict[str, torch.Tensor],
) -> None:
    """Write the state of a run.  `progress` is JSON; `random` holds generator states."""
    tensors = {f"model.{k}": v for k, v in tied(model).items()}
    tensors |= {f"best.{k}": v for k, v in best.items()}
    tensors |= {f"random.{k}": v for k, v in random.items()}
    state = optimizer.state_dict()
    numbers: dict[str, Any] = {}
    for i, values in state["state"].items():
        for k, v in values.items():
            if isinstance(v, torch.Tensor):
                tensors[f"optimizer.{i}.{k}"] = v
            else:
                numbers[f"{i}.{k}"] = v
    meta = {
        "progress": progress,
        "numbers": numbers,
        "groups": state["param_groups"],
        "scheduler": None if scheduler is None else position(scheduler),
    }
    save_file(tensors, path, metadata={"chainrule": json.dumps(meta)})


def position(scheduler: Any) -> dict[str, Any]:
    """Where a schedule stands; what it is, the settings say."""
    state = scheduler.state_dict()
    return {k: v for k, v in state.items() if isinstance(v, (int, float, list))}


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint: `progress`, and tensors by part ("model", "best", "random")."""
    tensors = load_file(path)
    try:
        meta = json.loads(load_metadata(path)["chainrule"])
    except (KeyError, ValueError):
        raise FileFormatError(f"{path} is no checkpoint of chainrule train") from None
    state: dict[int, dict[str, Any]] = {}
    parts: dict[str, Any] = {"model": {}, "best": {}, "random": {}}
    for key, tensor in tensors.items():
        part, _, rest = key.partition(".")
        if part == "optimizer":
            i, _, name = rest.partition(".")
            state.setdefault(int(i), {})[name] = tensor
        else:
            parts[part][rest] = tensor
    for key, number in meta["numbers"].items():
        i, _, name = key.partition(".")
        state.setdefault(int(i), {})[name] = number
    parts["optimizer"] = {"state": state, "param_groups": meta["groups"]}
    return parts | {"progress": meta["progress"], "scheduler": meta["scheduler"]}


def tied(model: Any) -> dict[str, torch.Tensor]:
    """The state of a model, with one name for each piece of memory."""
    found: dict[int, str] = {}
    state = model.state_dict()
    return {k: v for k, v in state.items() if found.setdefault(v.data_ptr(), k) == k}
