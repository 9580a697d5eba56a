"""Record the public names of an installed torch: src/chainrule/compat/names.txt.

One line per module: its name, a colon, its public names.  `chainrule.compat` uses it to tell a
name that torch has and chainrule lacks from a name that torch does not have either.

    python tools/record_torch_names.py
"""

import importlib
import pathlib
import pkgutil
import sys
import types
import warnings

warnings.simplefilter("ignore")
import torch  # noqa: E402

SKIPPED = ("_inductor", "_dynamo", "_C", "_refs", "_decomp", "_prims", "testing._internal",
           "_export", "_functorch", "_higher_order_ops", "_vendor", "_lazy", "_native",
           "distributed.elastic", "distributed._", "distributed.checkpoint", "fx.passes",
           "fx.experimental", "onnx._", "ao.", "utils.benchmark", "utils.bottleneck",
           "backends._", "_library", "_subclasses", "_strobelight", "_logging", "_numpy",
           "utils.data.datapipes", "distributed.rpc._", "distributed.tensor.",
           "distributed.pipelining", "distributed.algorithms", "export.", "utils.serialization",
           "quantization.", "nn.quantized", "nn.quantizable", "nn.qat", "nn.intrinsic",
           "package.", "testing.", "distributed.fsdp._", "distributed.launcher", "xpu.", "mtia.",
           "masked.maskedtensor", "sparse._", "jit._", "jit.", "optim._", "profiler._",
           "nn.utils._",
           "nn.backends", "_awaits", "_custom", "_dispatch", "_guards", "_vmap", "_sources",
           "_meta", "_lowrank", "_linalg", "_lobpcg", "_jit", "_deploy", "_compile", "_classes",
           "_tensor", "_torch", "_utils", "_weights", "_ops", "_opaque", "_namedtensor",
           "_size_docs", "_storage_docs", "_thread", "_python", "_prims", "_streambase",
           "_environment", "_functional", "_VF", "_appdirs", "_debug", "_inspect",
           "_accelerator", "_cache", "_inputs", "_graph", "_vendored",
           "distributions._")  # fmt: skip


DROPPED = ("torch.distributed.flight_recorder", "torch.utils.hipify",
           "torch.onnx.symbolic_opset",
           "torch.utils.collect_env", "torch.utils.viz", "torch.numa",
           "torch.nativert")  # fmt: skip


def names_of(module):
    listed = getattr(module, "__all__", None)
    if isinstance(listed, (list, tuple)) and module.__name__ != "torch":
        return sorted({str(n) for n in listed} | set(submodules(module)))
    found = set()
    for name, value in vars(module).items():
        if name.startswith("_") or name == "annotations":
            continue
        if isinstance(value, types.ModuleType):
            if not value.__name__.startswith("torch"):
                continue
        else:
            home = getattr(value, "__module__", None)
            if isinstance(home, str) and not home.startswith("torch"):
                continue
        found.add(name)
    return sorted(found | set(submodules(module)))


def submodules(module):
    path = list(vars(module).get("__path__", []))
    return [m.name for m in pkgutil.iter_modules(path)
            if not m.name.startswith("_")] if path else []  # fmt: skip


def walk(name, out):
    short = name.removeprefix("torch").lstrip(".")
    if short.startswith(SKIPPED) or short.startswith("_"):
        return
    try:
        module = importlib.import_module(name)
    except BaseException:
        return
    out[name] = names_of(module)
    for m in pkgutil.iter_modules(list(vars(module).get("__path__", []))):
        walk(f"{name}.{m.name}", out)
    for child in out[name]:
        value = vars(module).get(child)
        if isinstance(value, types.ModuleType) and value.__name__ == f"{name}.{child}":
            full = value.__name__
            walk(full, out) if full not in out and full in sys.modules else None


def main():
    out = {}
    walk("torch", out)
    for cls in (torch.Tensor, torch.nn.Module, torch.optim.Optimizer):
        public = [n for n in dir(cls) if not n.startswith("_")]
        out[f"{'torch' if cls is torch.Tensor else cls.__module__}.{cls.__name__}()"] = public
    folder = pathlib.Path(__file__).parents[1] / "src" / "chainrule" / "compat"
    folder.mkdir(exist_ok=True)
    lines = [f"{module}: {' '.join(names)}" for module, names in sorted(out.items())
             if "._" not in module and not module.startswith(DROPPED)]  # fmt: skip
    (folder / "names.txt").write_text("\n".join(lines) + "\n")
    print(len(out), "modules,", sum(map(len, out.values())), "names")


if __name__ == "__main__":
    main()
