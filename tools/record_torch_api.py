"""Record the public names of an installed torch and their parameters.

`tools/api_page.py` compares chainrule with what this writes, tests/recorded/torch_api.txt.  One
line per name: the section, the name, its kind (class, function, module, value), and its
parameters; `*` stands before those that are keyword-only, `?` for what torch does not tell.

    python tools/record_torch_api.py
"""

import ast
import importlib
import inspect
import pathlib
import re
import types
import warnings

warnings.simplefilter("ignore")
import torch  # noqa: E402

NAMED = """torch nn nn.functional nn.init nn.parameter nn.attention
nn.attention.flex_attention nn.parallel nn.grad nn.utils
nn.utils.rnn nn.utils.parametrize nn.utils.parametrizations nn.utils.prune nn.utils.stateless
optim optim.lr_scheduler optim.swa_utils utils.data utils.data.dataloader utils.data.dataset
utils.data.sampler utils.data.distributed autograd autograd.functional autograd.graph
autograd.function autograd.forward_ad autograd.profiler autograd.gradcheck func
distributions distributions.transforms distributions.constraints
distributions.constraint_registry distributions.kl distributions.utils linalg fft special sparse
amp signal.windows masked jit hub profiler random serialization testing utils.checkpoint
utils.tensorboard utils.dlpack utils.model_zoo"""
MODULES = NAMED.split()

CLASSES = ("nn.Module", "optim.Optimizer", "optim.lr_scheduler.LRScheduler",
           "distributions.Distribution", "distributions.transforms.Transform",
           "utils.data.Dataset", "utils.data.DataLoader", "utils.data.Sampler",
           "autograd.function.FunctionCtx", "autograd.Function",
           "utils.tensorboard.SummaryWriter", "amp.GradScaler", "Generator",
           "nn.utils.rnn.PackedSequence", "optim.swa_utils.AveragedModel")  # fmt: skip

# Modules and helpers of Python and torch that torch's namespaces show without meaning to.
LEAKED = set(
    str.split(
        "TYPE_CHECKING USE_GLOBAL_DEPS USE_RTLD_GLOBAL_WITH_LIBTORCH PRIVATE_OPS classproperty "
        "get_file_path prepare_multiprocessing_environment torch "
        "profiler_allow_cudagraph_cupti_lazy_reinit_cuda12"
    )
)


# Parameters that torch's documentation or types tell of, and that torch refuses.
REFUSED = {
    "Tensor add out", "Tensor mul out", "Tensor sub out", "Tensor floor_divide out",
    "Tensor true_divide out", "Tensor requires_grad_ mode", "torch Size iterable",
    "torch full names", "torch range pin_memory", "torch set_num_threads num",
    "torch set_num_interop_threads num", "linalg householder_product A", "special airy_ai input",
    "special scaled_modified_bessel_k0 input", "special scaled_modified_bessel_k1 input",
    "special spherical_bessel_j0 input", "sparse addmm mat", "Tensor new storage",
    "Tensor new other",
}  # fmt: skip


def main():
    lines = []
    for name in dir(torch.Tensor):
        if not name.startswith("_") or (name.endswith("__") and not hasattr(object, name)):
            lines.append(line("Tensor", name, getattr(torch.Tensor, name), "TensorBase"))
    for path in MODULES:
        module = importlib.import_module("torch" if path == "torch" else f"torch.{path}")
        for name in public(module):
            value = getattr(module, name)
            lines.append(line(path, name, value, path))
    for path in CLASSES:
        cls = find(path)
        for name in dir(cls):
            if not name.startswith("_"):
                lines.append(line(f"{path}()", name, inspect.getattr_static(cls, name), path))
    lines = [without_refused(text) for text in lines]
    target = pathlib.Path(__file__).parents[1] / "tests" / "recorded" / "torch_api.txt"
    target.write_text("\n".join(lines) + "\n")
    print(len(lines), "names;", sum(text.endswith("?") for text in lines), "without parameters")


def without_refused(text):
    section, name, kind, *rest = text.split()
    kept = [p for p in rest if f"{section} {name} {p}" not in REFUSED]
    return " ".join((section, name, kind, *(kept if kept != ["*"] else ())))


def find(path):
    module, _, last = path.rpartition(".")
    return getattr(importlib.import_module(f"torch.{module}" if module else "torch"), last)


def public(module):
    listed = getattr(module, "__all__", None)
    if listed and module is not torch:
        return sorted({str(n) for n in listed if hasattr(module, str(n))})
    names = set(listed or ())
    for name, value in vars(module).items():
        if name.startswith("_") or name == "annotations":
            continue
        home = value.__name__ if isinstance(value, types.ModuleType) else \
            getattr(value, "__module__", None)  # fmt: skip
        if not isinstance(home, str) or home.startswith("torch") or home == "__future__":
            names.add(name)
    typing = {n for n in names if getattr(getattr(module, n, 0), "__module__", "") == "typing"}
    return sorted(n for n in names - typing - LEAKED if not n.startswith("_"))


def line(section, name, value, place):
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if isinstance(value, types.ModuleType):
        return f"{section} {name} module"
    if inspect.isclass(value):
        return f"{section} {name} class {parameters(value, name, place)}".strip()
    if callable(value):
        return f"{section} {name} function {parameters(value, name, place)}".strip()
    return f"{section} {name} value"


def parameters(value, name, place):
    typed = TYPED["tensor" if place == "TensorBase" else "function"].get(name)
    if name in WRITTEN_BY_CASES and place == "nn.functional":
        return WRITTEN_BY_CASES[name]
    try:
        found = joined([list(inspect.signature(value).parameters.values())])
        if not (place == "TensorBase" and found == "*args **kwargs" and typed is not None):
            return found
    except (ValueError, TypeError):
        pass
    if typed is not None and place in ("TensorBase", "torch", "nn.functional"):
        return typed
    found = documented(value, name)
    return "?" if found is None else found


def joined(signatures):
    """The parameters of several signatures as one text: positional ones, `*`, the others."""
    positional, keyword, rest = {}, {}, []
    for signature in signatures:
        for p in signature:
            if p.kind is p.VAR_POSITIONAL:
                rest.append(f"*{p.name}")
            elif p.kind is p.VAR_KEYWORD:
                rest.append(f"**{p.name}")
            elif p.kind is p.KEYWORD_ONLY:
                keyword[p.name] = True
            else:
                positional[p.name] = True
    keyword = [k for k in keyword if k not in positional]
    names = [n for n in positional if n not in ("self", "cls")]
    return " ".join((*names, *dict.fromkeys(rest), *(("*", *keyword) if keyword else ())))


def documented(value, name):
    """The parameters in the docstring's first line, `f(a, b=1, *, c) -> ...`."""
    text = value.__doc__.strip() if isinstance(value.__doc__, str) else ""
    found = re.match(rf"(?:[\w.]*\.)?{re.escape(name)}\(([^()]*(?:\([^()]*\)[^()]*)*)\)", text)
    if not found:
        return None
    try:
        tree = ast.parse(f"def f({found[1]}): pass").body[0]
    except SyntaxError:
        return None
    return joined([parsed(tree.args)])


def parsed(arguments):
    kinds = inspect.Parameter
    found = [kinds(a.arg, kinds.POSITIONAL_OR_KEYWORD)
             for a in (*arguments.posonlyargs, *arguments.args)]  # fmt: skip
    if arguments.vararg:
        found.append(kinds(arguments.vararg.arg, kinds.VAR_POSITIONAL))
    found += [kinds(a.arg, kinds.KEYWORD_ONLY) for a in arguments.kwonlyargs]
    if arguments.kwarg:
        found.append(kinds(arguments.kwarg.arg, kinds.VAR_KEYWORD))
    return found


def read_types(file, cls=None):
    """The parameters of the functions in one of torch's own type files, all overloads joined."""
    body = ast.parse((pathlib.Path(torch.__file__).parent / file).read_text()).body
    if cls:
        body = next(n for n in body if isinstance(n, ast.ClassDef) and n.name == cls).body
    found = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append(parsed(node.args))
    return {name: joined(signatures) for name, signatures in found.items()}


TYPED = {
    "tensor": read_types("_C/__init__.pyi", "TensorBase"),
    "function": read_types("_C/_nn.pyi") | read_types("_C/__init__.pyi")
    | read_types("_C/_VariableFunctions.pyi"),
}  # fmt: skip
# Functions of nn.functional that choose between two others by `return_indices`.
WRITTEN_BY_CASES = {
    name: joined([inspect.signature(getattr(torch.nn.functional, f"_{name}")).parameters.values()])
    for name in vars(torch.nn.functional)
    if f"{name}_with_indices" in vars(torch.nn.functional)
    and hasattr(torch.nn.functional, f"_{name}")
}

if __name__ == "__main__":
    main()
