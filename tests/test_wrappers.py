"""jit, compile, profiler, hub and benchmark: transparent, and honest where they cannot be."""

import hashlib
import http.server
import io
import json
import threading

import pytest

import chainrule as torch
from chainrule.autograd import record
from chainrule.profiler import ProfilerActivity, profile, record_function, schedule


def network():
    return torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))


@pytest.mark.parametrize("make", [torch.jit.script,
                                  lambda m: torch.jit.trace(m, torch.ones(4, 2))])  # fmt: skip
def test_a_script_module_behaves_like_the_module(make):
    model = network()
    scripted = make(model)
    assert isinstance(scripted, torch.jit.ScriptModule) and isinstance(scripted, torch.nn.Module)
    assert list(scripted.state_dict()) == list(model.state_dict())
    assert scripted[0].weight is model[0].weight and scripted.original_name == "Sequential"
    x = torch.randn(5, 2)
    assert torch.equal(scripted.eval()(x), model.eval()(x))
    scripted.train()
    assert not model.training  # a module of its own
    with pytest.raises(NotImplementedError, match="not compiled"):
        _ = scripted.code
    file = io.BytesIO()
    scripted.save(file, _extra_files={"note": "n"})
    file.seek(0)
    notes = {"note": ""}
    again = torch.jit.load(file, _extra_files=notes)
    assert torch.equal(again.eval()(x), scripted.eval()(x)) and notes == {"note": "n"}
    assert isinstance(again, torch.jit.ScriptModule) and again.original_name == "Sequential"
    other = io.BytesIO()
    torch.save(model.state_dict(), other)
    other.seek(0)
    with pytest.raises(ValueError, match="one of torch"):
        torch.jit.load(other)
    with pytest.raises(NotImplementedError, match="state_dict"):
        torch.jit.script(lambda x: x).save(file)


def test_functions_and_marks():
    @torch.jit.script
    def double(x: torch.Tensor):
        return 2 * x

    assert double(torch.ones(1)) == 2 and double.name == "double"
    assert torch.jit.trace(torch.sin, torch.ones(1))(torch.zeros(1)) == 0

    class Net(torch.nn.Module):
        scale: torch.jit.Final[int] = 2

        @torch.jit.ignore
        def a(self):
            return 1

        @torch.jit.unused
        def b(self):
            return self.a()

        @torch.jit.export
        def c(self):
            return self.b()

        @torch.jit.ignore(drop=True)
        def d(self):
            return self.c()

        def forward(self, x):
            return x * self.d() if torch.jit.is_scripting() else x + self.d()

    assert torch.jit.script(Net())(torch.ones(1)) == 2
    assert torch.jit.isinstance({"a": [1]}, dict[str, list[int]])
    with pytest.raises(ValueError, match="eval"):
        torch.jit.freeze(torch.jit.script(Net()))
    assert torch.jit.freeze(torch.jit.script(Net()).eval()).a() == 1


def test_compile_is_transparent():
    model = network()
    fast = torch.compile(model, mode="max-autotune", dynamic=False)
    assert next(iter(fast.state_dict())) == "_orig_mod.0.weight" and fast._orig_mod is model
    x = torch.randn(4, 2)
    assert torch.equal(fast.eval()(x), model(x)) and not model.training
    fast.extra = 3
    assert model.extra == 3
    assert next(iter(fast.parameters())) is model[0].weight

    @torch.compile(fullgraph=True)
    def step(x):
        return x + 1

    assert step(1) == 2 and torch.compiler.disable(step) is step
    assert torch.compiler.disable(recursive=False)(step) is step
    with pytest.raises(RuntimeError, match="Unrecognized mode"):
        torch.compile(model, mode="fast")
    torch._dynamo.config.suppress_errors = True
    torch._inductor.config.triton.unique_kernel_names = True
    torch._dynamo.reset()
    with torch.compiler.set_stance("force_eager"):
        step(1)


def test_a_profile_counts_operations_and_blocks(tmp_path):
    model = network()
    with profile(activities=[ProfilerActivity.CPU], record_shapes=True, with_stack=True) as p:
        with record_function("forward"):
            loss = model(torch.randn(8, 2)).sum()
        loss.backward()
    assert record.observe is None
    rows = {e.key: e for e in p.key_averages()}
    assert rows["forward"].count == 1 and rows["aten::linear"].count >= 1
    assert rows["forward"].cpu_time_total >= rows["forward"].self_cpu_time_total >= 0
    text = p.key_averages().table(sort_by="self_cpu_time_total", row_limit=3)
    assert "aten::" in text and "Self CPU time total" in text and text.count("\n") == 8
    p.key_averages(group_by_input_shape=True).table(sort_by="cuda_time_total")
    p.export_chrome_trace(tmp_path / "trace.json")
    trace = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert {"ph", "ts", "dur", "name"} <= set(trace[0])
    kinds = {e["args"]["phase"] for e in trace}
    assert kinds == {"op", "backward", "block"}
    p.export_stacks(tmp_path / "stacks")
    assert "test_wrappers.py" in (tmp_path / "stacks").read_text()


def test_a_schedule_hands_out_cycles(tmp_path):
    seen = []
    handler = torch.profiler.tensorboard_trace_handler(str(tmp_path), "w", use_gzip=True)

    def ready(p):
        seen.append(sum(e.key == "aten::exp" for e in p.events()))
        handler(p)

    plan = schedule(wait=1, warmup=1, active=2, repeat=2, skip_first=1)
    with profile(schedule=plan, on_trace_ready=ready) as p:
        for _ in range(12):
            torch.ones(2).exp()
            p.step()
    assert seen == [2, 2] and len(list(tmp_path.iterdir())) == 2
    with torch.autograd.profiler.profile() as old, torch.autograd.profiler.emit_nvtx():
        torch.ones(2).exp()
    assert "aten::exp" in old.table(sort_by="self_cpu_time_total")
    with torch.autograd.profiler.profile(enabled=False) as off:
        torch.ones(2).exp()
    assert off.key_averages() == []


@pytest.fixture
def server(tmp_path):
    """A web server on this machine; what it serves is in `.files`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        files = {}
        asked = []

        def do_GET(self):
            self.asked.append(self.path)
            data, length = self.files.get(self.path, (None, 0))
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *args):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    Handler.url = f"http://127.0.0.1:{running.server_port}"
    yield Handler
    running.shutdown()
    running.server_close()


def test_downloads_are_checked_and_kept(server, tmp_path, monkeypatch, capsys):
    torch.save({"w": torch.ones(2)}, tmp_path / "x.pth")
    data = (tmp_path / "x.pth").read_bytes()
    good = hashlib.sha256(data).hexdigest()[:8]
    server.files = {f"/net-{good}.pth": (data, len(data)), "/net-00000000.pth": (data, len(data)),
                    "/short": (data, len(data) + 9)}  # fmt: skip
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    load = torch.hub.load_state_dict_from_url
    for _ in range(2):
        state = load(f"{server.url}/net-{good}.pth", check_hash=True, progress=False)
        assert state["w"].tolist() == [1, 1]
    assert len(server.asked) == 1
    assert (tmp_path / "home/hub/checkpoints" / f"net-{good}.pth").exists()
    with pytest.raises(RuntimeError, match="invalid hash value"):
        load(f"{server.url}/net-00000000.pth", check_hash=True, progress=False)
    with pytest.raises((RuntimeError, OSError)):
        torch.hub.download_url_to_file(f"{server.url}/short", tmp_path / "s", progress=False)
    with pytest.raises(OSError, match="404"):
        torch.utils.model_zoo.load_url(f"{server.url}/none", model_dir=tmp_path, progress=False)
    assert not list(tmp_path.glob("**/*.partial")) and not (tmp_path / "s").exists()


def test_local_repositories(tmp_path):
    (tmp_path / "helper.py").write_text("answer = 42")
    (tmp_path / "hubconf.py").write_text(
        "dependencies = ['numpy']\nimport helper\n"
        "def net(scale=1):\n    'A net.'\n    return helper.answer * scale\n"
    )
    assert torch.hub.load(tmp_path, "net", source="local", scale=2) == 84
    assert torch.hub.list(tmp_path) == ["net"] and torch.hub.help(tmp_path, "net") == "A net."
    with pytest.raises(RuntimeError, match="Cannot find callable other"):
        torch.hub.load(tmp_path, "other", source="local")
    with pytest.raises(NotImplementedError, match="Clone the repository"):
        torch.hub.load("owner/name", "net")
    (tmp_path / "hubconf.py").write_text("dependencies = ['no_such_module_here']")
    with pytest.raises(RuntimeError, match="Missing dependencies"):
        torch.hub.load(tmp_path, "net", source="local")


def test_the_cache_folder_can_be_chosen(tmp_path):
    from chainrule.hub import Place

    torch.hub.set_dir(tmp_path)
    try:
        assert torch.hub.get_dir() == str(tmp_path)
    finally:
        Place.folder = None


def test_benchmark_and_environment():
    from chainrule.utils import benchmark, collect_env

    t = benchmark.Timer("x + y", setup="y = 1", globals={"x": torch.ones(2)}, label="add")
    found = t.blocked_autorange(min_run_time=0.01)
    assert found.median > 0 and "add" in repr(found) and t.timeit(10).number_per_run == 10
    assert "NumPy version" in collect_env.get_pretty_env_info()
