"""PyTorch programs on chainrule: the import hook, `chainrule run`, `chainrule check`, and what
torch answers on a machine without a GPU and in one process."""

import json
import os
import pathlib
import pickle
import subprocess
import sys

import pytest

import chainrule
from chainrule import compat, nn
from chainrule.cli import main as command
from chainrule.errors import NotHereError

torch = chainrule
SOURCE = str(pathlib.Path(chainrule.__file__).parents[1])


@pytest.fixture
def hook():
    assert compat.install(force=True)
    yield
    compat.uninstall()


def program(tmp_path, text, *arguments, name="program.py", runner=("-m", "chainrule", "run")):
    """Run a program with `chainrule run` in a process of its own."""
    path = tmp_path / name
    path.write_text(text)
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    return subprocess.run(
        [sys.executable, *runner, str(path), *arguments], capture_output=True, text=True,
        cwd=tmp_path, env=environment, timeout=60,
    )  # fmt: skip


# ---- the hook ----------------------------------------------------------------------------------


def test_modules_are_chainrules_own(hook):
    import torch
    import torch.nn.functional as F
    from torch.nn.modules.linear import Linear
    from torch.optim.lr_scheduler import StepLR
    from torch.utils.data import DataLoader

    assert F is nn.functional and Linear is nn.Linear
    assert StepLR is chainrule.optim.lr_scheduler.StepLR
    assert DataLoader is chainrule.utils.data.DataLoader
    assert isinstance(torch.zeros(1), chainrule.Tensor)
    assert torch.__name__ == "torch" and torch.__version__ == "2.13.0"
    assert torch.version.cuda is None


def test_names_read_as_torchs(hook):
    import torch

    assert repr(torch.Tensor) == "<class 'torch.Tensor'>"
    assert torch.nn.Linear.__module__ == "torch.nn.modules.linear"
    assert torch.typename(torch.ones(1)) == "torch.FloatTensor"
    assert torch.ones(1).type() == "torch.FloatTensor"
    layer = pickle.loads(pickle.dumps(torch.nn.Linear(2, 1)))
    assert isinstance(layer, nn.Linear)


def test_uninstall_gives_the_names_back():
    assert compat.install(force=True)
    import torch  # noqa: F401

    compat.uninstall()
    assert not {"torch", "torch.nn"} & set(sys.modules)
    assert nn.Linear.__module__ == "chainrule.nn.modules.linear"
    assert not compat.is_installed()


def test_writes_reach_both_sides(hook):
    import torch

    torch.a_new_name = 3
    assert chainrule.a_new_name == 3
    del torch.a_new_name
    assert not hasattr(chainrule, "a_new_name")


def test_questions_are_answered(hook):
    import importlib.util

    import torch

    assert not hasattr(torch, "no_such_name") and getattr(torch, "no_such_name", 5) == 5
    assert not hasattr(torch, "backend") and not hasattr(torch, "cli")  # chainrule's, not torch's
    assert importlib.util.find_spec("torch.fx") is None
    assert importlib.util.find_spec("torch.nn") is not None
    with pytest.raises(AttributeError, match=r"no attribute 'Linaer'(?s:.)*torch\.nn\.Linear"):
        torch.nn.Linaer  # noqa: B018


def test_what_is_not_here_fails_at_its_use(tmp_path):
    done = program(tmp_path, """
import torch.fx
from torch.fx import symbolic_trace
from torch.nn import Linaer
assert not isinstance(3, Linaer)
def f(x: Linaer | None) -> symbolic_trace: ...
for use in (symbolic_trace, lambda: Linaer.x, lambda: torch.fx.wrap):
    try:
        use() if use is symbolic_trace else use()
    except NotImplementedError as error:
        print(str(error).splitlines()[0])
try:
    class B(Linaer): pass
except NotImplementedError as error:
    print(error)
""")  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "torch.fx.symbolic_trace is not in chainrule"
    assert "torch.nn.Linear" in done.stdout and "torch.fx.wrap is not in chainrule" in lines


def test_a_programs_own_fallback_runs(tmp_path):
    done = program(tmp_path, """
try:
    from torch.fx import symbolic_trace
except ImportError:
    symbolic_trace = "fallback"
try:
    import torch.no_such_module
except (ImportError, OSError):
    print("second")
print(symbolic_trace)
""")  # fmt: skip
    assert done.stdout.split() == ["second", "fallback"], done.stderr


def test_a_real_torch_is_never_shadowed_unasked(monkeypatch):
    monkeypatch.setattr(compat, "installed_torch", lambda: "a spec")
    assert not compat.install() and not compat.is_installed()
    real = type(sys)("torch")
    real.__file__ = "/somewhere/torch/__init__.py"
    monkeypatch.setitem(sys.modules, "torch", real)
    with pytest.raises(RuntimeError, match="torch is imported already"):
        compat.install(force=True)


def test_chainrule_in_the_place_of_torch_says_torchs_version(monkeypatch):
    assert chainrule.__version__ == chainrule.VERSION
    monkeypatch.setitem(sys.modules, "torch", chainrule)
    assert chainrule.__version__ == "2.13.0" and chainrule.__version__ >= "2.6"


# ---- chainrule run -------------------------------------------------------------------------------


def test_a_program_sees_what_python_would_show_it(tmp_path):
    (tmp_path / "beside.py").write_text("import torch\nvalue = torch.ones(2).sum().item()\n")
    done = program(tmp_path, """
import os, sys
import beside
print(sys.argv[1:], sys.path[0] == os.path.dirname(os.path.abspath(__file__)), __name__)
print(beside.value, sys.modules["__main__"].beside is beside)
""", "--epochs", "3", "-h")  # fmt: skip
    assert done.stdout.splitlines() == ["['--epochs', '3', '-h'] True __main__", "2.0 True"]


@pytest.mark.parametrize(
    "text,status",
    [("import sys; sys.exit(7)", 7), ("x = 1", 0), ("raise KeyboardInterrupt", 130), ("1 / 0", 1)],
)
def test_exit_status(tmp_path, text, status):
    assert program(tmp_path, text).returncode == status


def test_a_traceback_starts_in_the_program(tmp_path):
    done = program(tmp_path, "def f():\n    1 / 0\nf()\n")
    lines = done.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):" and "program.py" in lines[1]
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert "cli" not in done.stderr


def test_a_module(tmp_path):
    package = tmp_path / "parts"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "work.py").write_text("import sys, torch\nprint(sys.argv[1:], __spec__.name)\n")
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "run", "-m", "parts.work", "a"], capture_output=True,
        text=True, cwd=tmp_path, env=environment,
    )  # fmt: skip
    assert done.stdout == "['a'] parts.work\n", done.stderr


def test_the_seed_option(tmp_path):
    text = "import torch, random, numpy as np\n"
    text += "print(torch.rand(1).item(), random.random(), np.random.rand())"
    path = tmp_path / "program.py"
    path.write_text(text)
    outputs = {program(tmp_path, text, runner=("-m", "chainrule", "run", "--seed", "5")).stdout
               for _ in range(2)}  # fmt: skip
    assert len(outputs) == 1


def test_processes_that_a_program_starts_answer_too(tmp_path):
    done = program(tmp_path, """
import multiprocessing, subprocess, sys
import torch
import torch.multiprocessing as mp

def work(i, queue):
    queue.put((i, torch.full((2,), i)))

if __name__ == "__main__":
    queue = multiprocessing.get_context("spawn").SimpleQueue()
    mp.spawn(work, args=(queue,), nprocs=2)
    print(sorted(queue.get()[1].tolist() for _ in range(2)))
    code = "import torch; print(torch.__version__)"
    print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
""")  # fmt: skip
    assert done.stdout.split("\n")[:2] == ["[[0, 0], [1, 1]]", "2.13.0"], done.stderr


def test_notebooks_and_scripts_made_of_them(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# x"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import torch\n", "x = 6 \\\n",
                                         "  % 4\n", "!pip install torch"]},
        {"cell_type": "code", "source": ["%%time\n", "y = torch.ones(x)\n"]},
        {"cell_type": "code", "source": ["%time z = y.sum()\n", "print(z)"]},
    ]  # fmt: skip
    done = program(tmp_path, json.dumps({"cells": cells}), name="lesson.ipynb")
    assert done.stdout == "tensor(2.)\n", done.stderr
    assert "left out" in done.stderr and "!pip install torch" in done.stderr
    done = program(tmp_path, "get_ipython().run_line_magic('matplotlib', 'inline')\nprint(1)\n")
    assert done.stdout == "1\n" and not done.stderr
    done = program(tmp_path, json.dumps({"cells": [{"cell_type": "code", "source": "\n1 / 0"}]}),
                   name="wrong.ipynb")  # fmt: skip
    assert "wrong.ipynb, cell 1" in done.stderr and "1 / 0" in done.stderr


def test_what_run_says_to_wrong_arguments(tmp_path, capsys):
    for arguments in (["run"], ["run", "--what", "x.py"], ["run", "nowhere.py"],
                      ["run", "--seed", "x", "y.py"]):  # fmt: skip
        assert command(arguments) == 2
    assert "nowhere.py" in capsys.readouterr().err


# ---- chainrule check -----------------------------------------------------------------------------

READ = """
import torch, torch.nn as nn
from torch.nn import functional as F
from torch import optim as o
try:
    from torch.fx import wrap
except ImportError:
    wrap = None
linear = nn.Linear
linear(2, 3, bias=False, no_such_keyword=1)
F.relu(torch.ones(2, device="cpu"))
o.Adam([], lr=1)
nn.Linaer(2)
x.masked_fill_(m, 0).no_method_of_torch()
if hasattr(torch, "no_such"):
    torch.no_such()
"""


def test_check_names_what_is_missing(tmp_path, capsys):
    path = tmp_path / "read.py"
    path.write_text(READ)
    assert command(["check", "--json", str(path)]) == 1
    found = {u["name"]: u for u in json.loads(capsys.readouterr().out)[0]["names"]}
    assert found["torch.nn.Linaer"]["status"] == "missing"
    assert found["torch.nn.Linaer"]["lines"] == ["13"]
    assert "torch.nn.Linear" in found["torch.nn.Linaer"]["note"]
    assert found["torch.nn.Linear"]["status"] == "keyword"
    assert "no_such_keyword" in found["torch.nn.Linear"]["note"]
    assert found["torch.fx.wrap"]["status"] == "guarded"
    assert found["torch.no_such"]["status"] == "guarded"
    for name in ("torch.ones", "torch.optim.Adam", "torch.nn.functional.relu",
                 "torch.Tensor.masked_fill_"):  # fmt: skip
        assert found[name]["status"] == "works"
    assert command(["check", str(path)]) == 1
    out = capsys.readouterr().out
    assert "missing  torch.nn.Linaer" in out and "line 13" in out and "1 missing" in out


def test_check_of_a_folder(tmp_path, capsys):
    (tmp_path / "a.py").write_text("import torch\ntorch.ones(2)\n")
    (tmp_path / "b.ipynb").write_text(
        json.dumps(
            {
                "cells": [
                    {"cell_type": "code", "source": ["!ls\n", "import torch\n", "torch.eye(2)"]}
                ]
            }
        )
    )
    assert command(["check", str(tmp_path)]) == 0
    assert "All names are here." in capsys.readouterr().out
    (tmp_path / "c.py").write_text("print 'python 2'")
    assert command(["check", str(tmp_path)]) == 1
    assert command(["check", str(tmp_path / "nowhere")]) == 1


# ---- one CPU, one process ------------------------------------------------------------------------


def test_no_gpu():
    cuda = torch.cuda
    assert not cuda.is_available() and cuda.device_count() == 0 and not cuda.is_initialized()
    cuda.manual_seed_all(0), cuda.empty_cache(), cuda.reset_peak_memory_stats()
    assert cuda.memory_allocated() == cuda.max_memory_reserved() == 0
    for wrong in (cuda.current_device, cuda.synchronize, cuda.get_device_name, torch.ones(1).cuda,
                  nn.Linear(1, 1).cuda, lambda: torch.ones(1, device="cuda")):  # fmt: skip
        with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
            wrong()
    for wrong in (cuda.Stream, cuda.Event):
        with pytest.raises(RuntimeError):
            wrong()
    with pytest.raises(TypeError, match=r"not available\. Torch not compiled"):
        cuda.FloatTensor(2)
    assert not isinstance(torch.ones(1), cuda.FloatTensor)
    with pytest.raises(AssertionError):
        torch.ones(1).type(cuda.FloatTensor)
    with cuda.stream(None), cuda.device(-1), cuda.device_of(torch.ones(1)):
        pass
    with cuda.nvtx.range("x"):
        assert cuda.nvtx.range_push("y") == 0
    assert issubclass(cuda.OutOfMemoryError, RuntimeError) and torch.OutOfMemoryError


def test_no_other_device():
    assert not torch.mps.is_available() and not torch.xpu.is_available()
    assert not torch.mtia.is_available() and not torch.accelerator.is_available()
    assert torch.accelerator.current_accelerator() is None
    assert torch.cpu.is_available() and torch.cpu.current_device() == "cpu"
    assert torch.get_device_module() is torch.cpu
    for wrong in (torch.mps.synchronize, torch.xpu.current_device, torch.accelerator.synchronize,
                  torch.ones(1).xpu, nn.Linear(1, 1).xpu):  # fmt: skip
        with pytest.raises(RuntimeError):
            wrong()
    assert not (torch.has_cuda or torch.has_mps or torch.has_cudnn or torch.has_mkldnn)
    assert torch.has_lapack and torch.has_spectral and not torch.has_mkl and not torch.has_openmp
    assert issubclass(torch.AcceleratorError, RuntimeError)


def test_switches_of_backends_can_be_set():
    b = torch.backends
    b.cudnn.benchmark = True
    assert b.cudnn.benchmark
    b.cudnn.benchmark = False
    with b.cudnn.flags(enabled=False):
        assert not b.cudnn.enabled
    b.cuda.matmul.allow_tf32 = False
    assert not b.mps.is_available() and not b.cuda.is_built() and b.cudnn.version() is None
    with b.cuda.sdp_kernel(enable_flash=False):
        assert not b.cuda.flash_sdp_enabled()
    assert b.cuda.flash_sdp_enabled()


def test_what_torch_removed_says_what_to_use():
    a = torch.eye(2)
    for old in (torch.solve, torch.lstsq):
        with pytest.raises(RuntimeError, match=r"now removed(?s:.)*torch\.linalg"):
            old(a, a)
    for old in (torch.eig, torch.symeig, torch.matrix_rank):
        with pytest.raises(NotHereError, match=r"torch\.linalg"):
            old(a)
    with pytest.raises(NotHereError, match="log_prob"):
        a.reinforce(1)


def test_old_tensor_methods():
    assert torch.zeros(3).set_(torch.arange(4.0), 1, (2,), (2,)).tolist() == [1, 3]
    assert torch.ones(2).set_().numel() == 0
    with pytest.warns(UserWarning, match="non-inplace resize"):
        assert torch.ones(4).resize(2, 2).shape == (2, 2)
    assert isinstance(torch.ones(1).as_subclass(nn.Parameter), nn.Parameter)


def test_data_parallel_is_its_module():
    layer = nn.Linear(2, 1)
    model = nn.DataParallel(layer)
    x = torch.ones(3, 2)
    assert torch.equal(model(x), layer(x)) and model.module is layer
    assert list(model.state_dict()) == ["module.weight", "module.bias"]
    assert nn.parallel.gather([torch.ones(2), torch.zeros(2)], "cpu").shape == (4,)


def test_a_group_of_one():
    import chainrule.distributed as dist

    assert dist.is_available() and not dist.is_initialized()
    with pytest.raises(ValueError, match="has not been initialized"):
        dist.get_rank()
    with pytest.raises(ValueError, match="RANK expected"):
        dist.init_process_group("gloo")
    with pytest.raises(RuntimeError, match="NCCL"):
        dist.init_process_group("nccl")
    with pytest.raises(RuntimeError, match="planned"):
        dist.init_process_group("gloo", init_method="tcp://x:1", rank=0, world_size=2)
    with pytest.raises(ValueError):
        nn.parallel.DistributedDataParallel(nn.Linear(1, 1))
    dist.init_process_group("gloo", init_method="tcp://127.0.0.1:1", rank=0, world_size=1)
    try:
        assert (dist.get_rank(), dist.get_world_size(), dist.get_backend()) == (0, 1, "gloo")
        x, out = torch.arange(3.0), [torch.zeros(3)]
        assert dist.all_reduce(x, op=dist.ReduceOp.SUM) is None
        assert dist.all_reduce(x, async_op=True).wait()
        dist.broadcast(x, 0), dist.barrier(), dist.all_gather(out, x)
        assert torch.equal(out[0], x) and torch.equal(x, torch.arange(3.0))
        with pytest.raises(ValueError, match="invalid root rank"):
            dist.broadcast(x, 1)
        objects = [None]
        dist.all_gather_object(objects, {"a": 1})
        assert objects == [{"a": 1}]
        model = nn.parallel.DistributedDataParallel(nn.Linear(3, 1))
        with model.no_sync():
            model(x).sum().backward()
        assert list(model.state_dict()) == ["module.weight", "module.bias"]
        with pytest.raises(ValueError, match="device_ids"):
            nn.parallel.DistributedDataParallel(nn.Linear(3, 1), device_ids=[0])
    finally:
        dist.destroy_process_group()
    assert not dist.is_initialized()


def fail_second(i):
    if i == 1:
        raise ValueError("the second fails")


def test_multiprocessing():
    import chainrule.multiprocessing as mp

    mp.set_sharing_strategy("file_system")
    assert mp.get_sharing_strategy() == "file_system"
    with pytest.raises(AssertionError):
        mp.set_sharing_strategy("by pigeon")
    assert mp.get_context("fork") and mp.cpu_count() and mp.Queue
    with pytest.raises(mp.ProcessRaisedException, match="the second fails"):
        mp.start_processes(fail_second, nprocs=2, start_method="fork")


# ---- functions of functions, comparison, trees ---------------------------------


def test_functional_call_and_derivatives():
    f = torch.func
    layer = nn.Linear(2, 1)
    w = torch.ones(1, 2, requires_grad=True)
    out = f.functional_call(
        layer, {"weight": w, "bias": torch.zeros(1)}, torch.tensor([[1.0, 2.0]])
    )
    out.sum().backward()
    assert out.item() == 3 and w.grad.tolist() == [[1, 2]] and layer.weight.grad is None
    with pytest.raises(RuntimeError):
        f.functional_call(layer, {"nothing": w}, torch.ones(1, 2))
    x = torch.tensor(2.0)
    assert f.grad(f.grad(lambda x: x**3))(x).item() == 12
    assert not f.grad(torch.sin)(x).requires_grad
    g, aux = f.grad(lambda x, y: (x * y, y), argnums=1, has_aux=True)(x, torch.tensor(5.0))
    assert g.item() == 2 and aux.item() == 5
    _, pull = f.vjp(torch.sin, x)
    torch.testing.assert_close(pull(torch.tensor(1.0))[0], torch.cos(x))
    torch.testing.assert_close(f.jvp(torch.sin, (x,), (torch.tensor(2.0),))[1], 2 * torch.cos(x))
    v = torch.arange(3.0)
    assert torch.equal(f.jacrev(lambda v: v**2)(v), torch.diag(2 * v))
    assert torch.equal(f.jacfwd(lambda v: v**2)(v), torch.diag(2 * v))
    assert torch.equal(f.hessian(lambda v: (v**3).sum())(v), torch.diag(6 * v))
    per_sample = torch.vmap(f.grad(lambda w, x: (w * x).sum()), in_dims=(None, 0))
    assert torch.equal(per_sample(v, torch.ones(4, 3)), torch.ones(4, 3))
    with pytest.raises(ValueError, match="same size"):
        torch.vmap(torch.add)(torch.ones(2), torch.ones(3))


def test_assert_close():
    close = torch.testing.assert_close
    close({"a": [torch.ones(2), 1.0]}, {"a": [torch.ones(2), 1.0]})
    close(torch.tensor([1.0, float("nan")]), torch.tensor([1.0, float("nan")]), equal_nan=True)
    for wrong, says in (
        ((torch.ones(2), torch.tensor([1.0, 1.1])), "Mismatched elements: 1 / 2"),
        ((torch.ones(2), torch.ones(3)), "'shape' do not match"),
        ((torch.ones(2), torch.ones(2).double()), "'dtype' do not match"),
        ((1.0, 2.0), "Scalars are not close"),
        (([torch.ones(1)], [torch.zeros(1)]), r"item \[0\]"),
    ):
        with pytest.raises(AssertionError, match=says):
            close(*wrong)
    assert torch.testing.make_tensor((2, 3), dtype=torch.int64).dtype == torch.int64


def test_trees_and_versions():
    from chainrule.torch_version import TorchVersion
    from chainrule.utils._pytree import tree_flatten, tree_map_only, tree_unflatten

    tree = {"b": (1, [2.0]), "a": None}
    leaves, spec = tree_flatten(tree)
    assert leaves == [1, 2.0, None] and tree_unflatten(leaves, spec) == tree
    assert tree_map_only(float, lambda x: x + 1, tree) == {"b": (1, [3.0]), "a": None}
    assert TorchVersion("2.13.0") > "2.6" and TorchVersion("2.13.0") >= (2, 13)
    assert not TorchVersion("2.13.0") < "2.13"


def test_functions_that_are_replaced_later_are_replaced_under_torch_too(tmp_path):
    program = tmp_path / "late.py"
    program.write_text(
        "import torch\n"
        "s = torch.eye(2).to_sparse()\n"
        "print(torch.cat([s, s]).shape, torch.zeros_like(s)._nnz())\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "run", str(program)],
        env={**os.environ, "PYTHONPATH": SOURCE}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "torch.Size([4, 2]) 0\n", done.stderr
