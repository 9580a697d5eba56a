"""The layers: a module imports only from its own layer and those above it."""

import ast
import pathlib
import subprocess
import sys

import chainrule

SOURCE = pathlib.Path(chainrule.__file__).parent
LAYERS = [
    ("errors",),
    ("spec", "dtypes", "windows"),
    ("backend",),
    ("ops",),
    ("graph",),
    ("storage",),
    ("tensor",),
    ("autograd",),
    ("return_types",),
    ("functional", "random", "_VF"),
    (
        "linalg",
        "special",
        "fft",
        "signal",
        "masked",
        "sparse",
        "func",
        "backends",
        "version",
        "torch_version",
        "types",
        "overrides",
        "mps",
        "xpu",
        "mtia",
        "accelerator",
        "futures",
        "_utils",
    ),
    ("amp", "cuda", "cpu"),
    ("nn",),
    ("optim",),
    ("distributions",),
    ("testing", "onnx", "compiler", "profiler", "multiprocessing", "distributed"),
    ("_dynamo", "_inductor"),
    ("utils", "hub", "serialization", "jit"),
    ("datasets",),
    ("models",),
    ("compat",),
    ("cli", "__main__"),
]
LEVEL = {name: i for i, names in enumerate(LAYERS) for name in names}


def imports(path):
    """The chainrule modules that a file imports, at its top or inside functions."""
    package = ["chainrule", *path.relative_to(SOURCE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("chainrule."):
                    yield alias.name.split(".")[1], node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            if module == "chainrule":
                for alias in node.names:
                    if alias.name in LEVEL:
                        yield alias.name, node.lineno
            elif module.startswith("chainrule."):
                yield module.split(".")[1], node.lineno


def layer_of(path):
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def test_every_module_has_a_layer():
    found = {layer_of(p) for p in SOURCE.rglob("*.py")} - {"__init__"}
    assert found <= set(LEVEL), f"say in which layer these are: {sorted(found - set(LEVEL))}"


def test_imports_go_upwards_only():
    wrong = []
    for path in sorted(SOURCE.rglob("*.py")):
        mine = layer_of(path)
        if mine == "__init__":
            continue
        for name, line in imports(path):
            if LEVEL[name] > LEVEL[mine]:
                wrong.append(f"{path.relative_to(SOURCE)}:{line} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_calculus_and_machinery_share_no_file():
    for path in (SOURCE / "ops").glob("*.py"):
        names = {name for name, _ in imports(path)}
        assert names <= {"errors", "spec", "windows", "backend", "ops"}, (
            f"{path.name} imports {names}"
        )


def test_the_core_needs_its_four_dependencies_only():
    allowed = {"chainrule", "numpy", "ml_dtypes", "safetensors", "tqdm"}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [a.name.split(".")[0] for a in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module.split(".")[0]]
            for name in names:
                known = name in allowed or name in sys.stdlib_module_names
                assert known, f"{path.name}:{node.lineno} imports {name}"


def test_importing_chainrule_loads_no_submodule_that_was_not_asked_for():
    code = "import chainrule, sys; print([m for m in sys.modules if m.startswith('chainrule.')])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {m.split(".")[1] for m in ast.literal_eval(out.stdout)}
    assert not loaded & {"nn", "optim", "utils", "datasets", "cli", "serialization"}


def test_the_engine_stays_readable_in_an_evening():
    files = [SOURCE / "graph.py", SOURCE / "tensor.py", SOURCE / "ops" / "base.py"]
    files += [SOURCE / "autograd" / f"{n}.py"
              for n in ("mode", "record", "reverse", "inplace", "tensor_ns")]  # fmt: skip
    code = 0
    for path in files:
        tree = ast.parse(path.read_text())
        docs = sum(
            (n.body[0].end_lineno - n.body[0].lineno + 1)
            for n in ast.walk(tree)
            if isinstance(n, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(n)
        )
        code += len([s for s in path.read_text().splitlines() if s.strip()]) - docs
    assert code < 1300, f"{code} lines of code"
