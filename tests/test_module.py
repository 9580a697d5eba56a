"""Module: members, walking, state, hooks, containers, errors that name the layer."""

import copy
import pickle
from collections import OrderedDict

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
        self.head = nn.Linear(3, 2)
        self.scale = nn.Parameter(torch.ones(2))
        self.register_buffer("mean", torch.zeros(2))
        self.register_buffer("mask", torch.ones(2), persistent=False)

    def forward(self, x):
        return self.head(self.body(x)) * self.scale + self.mean


class Double(nn.Module):
    def forward(self, x, times=2):
        return x * times


# ---- members -------------------------------------------------------------------------------


def test_members_are_registered_by_assignment():
    net = Net()
    assert [n for n, _ in net.named_parameters()] == [
        "scale", "body.0.weight", "body.0.bias", "head.weight", "head.bias"]  # fmt: skip
    assert [n for n, _ in net.named_buffers()] == ["mean", "mask"]
    assert [n for n, _ in net.named_modules()] == ["", "body", "body.0", "body.1", "head"]
    assert [n for n, _ in net.named_children()] == ["body", "head"]
    assert list(net.state_dict()) == [
        "scale", "mean", "body.0.weight", "body.0.bias", "head.weight", "head.bias"]  # fmt: skip


def test_an_attribute_changes_its_kind():
    m = nn.Module()
    m.a = 3
    m.a = nn.Parameter(torch.ones(1))
    assert "a" in m._parameters and len(list(m.parameters())) == 1
    with pytest.raises(TypeError, match="Linear' as parameter 'a'"):
        m.a = nn.Linear(1, 1)
    m.a = None
    assert m._parameters == {"a": None}
    del m.a
    m.a = nn.Linear(1, 1)
    assert m.a is m._modules["a"]
    with pytest.raises(TypeError, match="as child module 'a'"):
        m.a = 3
    m.a = None
    assert m.a is None and list(m.children()) == []
    m.b = nn.Buffer(torch.ones(1), persistent=False)
    assert next(iter(m.named_buffers()))[0] == "b" and not m.state_dict()
    m.b = torch.zeros(2)
    assert m._buffers["b"].shape == (2,)
    del m.b
    assert not hasattr(m, "b") and not m._buffers


def test_the_registries_and_the_attributes_agree():
    m = nn.Linear(2, 1)
    p = nn.Parameter(torch.zeros(1, 2))
    m._parameters["weight"] = p
    assert m.weight is p
    del m._parameters["weight"]
    assert not hasattr(m, "weight")
    m._parameters.update(weight=p)
    assert m.weight is p and m._parameters.pop("weight") is p and not hasattr(m, "weight")
    m._parameters.setdefault("weight", p)
    assert m.weight is p
    m._parameters |= {"other": p}
    assert m.other is p and m._parameters.popitem() == ("other", p) and not hasattr(m, "other")
    m._parameters.clear()
    assert not hasattr(m, "bias")
    with pytest.raises(KeyError):
        m._parameters.pop("none")
    assert m._parameters.pop("none", 3) == 3


@pytest.mark.parametrize(("act", "error", "match"), [
    (lambda m: m.register_parameter("a.b", None), KeyError, "name can.*contain"),
    (lambda m: m.register_parameter("", None), KeyError, "empty string"),
    (lambda m: m.register_parameter("forward", None), KeyError, "already exists"),
    (lambda m: m.register_parameter(3, None), TypeError, "should be a string. Got int"),
    (lambda m: m.register_parameter("a", torch.ones(1)), TypeError, "torch.FloatTensor"),
    (lambda m: m.register_buffer("a", 3), TypeError, "cannot assign 'int' object to buffer"),
    (lambda m: m.add_module("a", 3), TypeError, "int is not a Module subclass"),
    (lambda m: setattr(m, "weight", torch.ones(1)), TypeError,
     r"cannot assign 'torch.FloatTensor' as parameter 'weight' \(torch.nn.Parameter or None"),
    (lambda m: m.missing, AttributeError, "'Linear' object has no attribute 'missing'"),
    (lambda m: m.get_submodule("no.where"), AttributeError, "Linear has no attribute `no`"),
    (lambda m: m.get_submodule("weight"), AttributeError, "not an nn.Module"),
    (lambda m: m.get_parameter("training"), AttributeError, "not an nn.Parameter"),
    (lambda m: m.get_buffer("bias"), AttributeError, "not a buffer"),
    (lambda m: m.to(torch.int64), TypeError, "only accepts floating point or complex"),
    (lambda m: m.train(1), ValueError, "expected to be boolean"),
    (lambda m: nn.Module(3), TypeError, "takes 1 positional argument but 2 were given"),
    (lambda m: nn.Module(a=3), TypeError, "unexpected keyword argument 'a'"),
    (lambda m: nn.Module()(1), NotImplementedError, 'missing the required "forward"'),
    (lambda m: m.get_extra_state(), NotImplementedError, "get_extra_state"),
])  # fmt: skip
def test_refuses(act, error, match):
    with pytest.raises(error, match=match):
        act(nn.Linear(1, 1))


@pytest.mark.parametrize("value", [lambda: nn.Parameter(torch.ones(1)), lambda: nn.Linear(1, 1)])
def test_members_before_init_are_an_error(value):
    class Early(nn.Module):
        def __init__(self):
            self.a = value()

    with pytest.raises(AttributeError, match=r"before Module\.__init__"):
        Early()


def test_a_computed_tensor_is_no_parameter():
    p = nn.Parameter(torch.ones(1))
    q = nn.Parameter(p * 2)
    assert q.is_leaf and q.requires_grad
    assert not isinstance(p * 2, nn.Parameter)


def test_shared_members_appear_once():
    shared = nn.Linear(2, 2)
    net = nn.Sequential(shared, shared)
    assert len(list(net.parameters())) == 2 and len(list(net.modules())) == 2
    assert len(list(net.named_parameters(remove_duplicate=False))) == 4
    assert len(net.state_dict()) == 4
    other = copy.deepcopy(net)
    assert other[0] is other[1] and other[0] is not shared


def test_getters():
    net = Net()
    assert net.get_submodule("body.0") is net.body[0] and net.get_submodule("") is net
    assert net.get_parameter("body.0.bias") is net.body[0].bias
    assert net.get_buffer("mean") is net.mean
    net.set_submodule("body.1", nn.Tanh())
    assert isinstance(net.body[1], nn.Tanh)
    assert {"scale", "mean", "body", "forward"} <= set(dir(net))


# ---- changing all of it --------------------------------------------------------------------


def test_to_keeps_parameters_and_converts_gradients():
    net = Net()
    net(torch.ones(1, 4)).sum().backward()
    weight = net.head.weight
    net.register_buffer("count", torch.tensor(3))
    assert net.double() is net
    assert net.head.weight is weight and weight.dtype == weight.grad.dtype == torch.float64
    assert net.mean.dtype == torch.float64 and net.count.dtype == torch.int64
    net(torch.ones(1, 4, dtype=torch.float64)).sum().backward()
    assert net.to("cpu", torch.float32).half().float().scale.dtype == torch.float32
    assert net.to(torch.zeros(1, dtype=torch.float64)).mean.dtype == torch.float64
    assert net.bfloat16().scale.dtype == torch.bfloat16
    assert net.cpu().share_memory() is net
    with pytest.raises(RuntimeError):
        net.to("cuda")


def test_train_eval_apply_zero_grad():
    net = Net()
    assert net.eval() is net and not any(m.training for m in net.modules())
    net.train()
    assert all(m.training for m in net.modules())
    seen = []
    net.apply(lambda m: seen.append(type(m).__name__))
    assert seen == ["Linear", "ReLU", "Sequential", "Linear", "Net"]
    net(torch.ones(1, 4)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.scale.grad.tolist() == [0, 0]
    net.zero_grad()
    assert net.scale.grad is None
    net.requires_grad_(False)
    assert not net(torch.ones(1, 4)).requires_grad


# ---- state ---------------------------------------------------------------------------------


def test_a_state_dict_shares_memory_and_has_metadata():
    net = Net()
    state = net.state_dict()
    assert state._metadata["body.0"] == {"version": 1} and isinstance(state, OrderedDict)
    assert not state["scale"].requires_grad
    with torch.no_grad():
        net.scale.fill_(5)
    assert state["scale"].tolist() == [5, 5]
    assert net.state_dict(keep_vars=True)["scale"] is net.scale
    assert list(net.head.state_dict(prefix="x.")) == ["x.weight", "x.bias"]


def test_loading_is_all_or_nothing():
    net = Net()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    state = {k: v + 1 for k, v in before.items()}
    state["head.bias"] = torch.zeros(7)
    del state["mean"]
    state["extra"] = torch.zeros(1)
    state["body.0.bias"] = [1, 2, 3]
    with pytest.raises(RuntimeError) as caught:
        net.load_state_dict(state)
    text = str(caught.value)
    assert text.startswith(
        "Error(s) in loading state_dict for Net:\n\tMissing key(s) in "
        'state_dict: "mean". \n\tUnexpected key(s) in state_dict: "extra". '
    )
    assert (
        "size mismatch for head.bias: copying a param with shape torch.Size([7]) from "
        "checkpoint, the shape in current model is torch.Size([2])."
    ) in text
    assert 'While copying the parameter named "body.0.bias"' in text
    for k, v in net.state_dict().items():
        assert torch.equal(v, before[k])
    with pytest.raises(RuntimeError, match="size mismatch"):
        net.load_state_dict(state, strict=False)
    with pytest.raises(TypeError, match="Expected state_dict to be dict-like"):
        net.load_state_dict([1])


def test_loading_not_strictly_says_what_is_missing():
    net = Net()
    found = net.load_state_dict({"scale": torch.tensor([2., 3.]), "x.y": torch.ones(1)},
                                strict=False)  # fmt: skip
    assert net.scale.tolist() == [2, 3]
    assert found.unexpected_keys == ["x.y"] and "mean" in found.missing_keys
    assert repr(found).startswith("_IncompatibleKeys(missing_keys=['mean', ")


def test_assign_takes_the_tensors_themselves():
    layer = nn.Linear(2, 1)
    state = {"weight": torch.ones(1, 2, dtype=torch.float64), "bias": torch.zeros(1)}
    layer.load_state_dict(state, assign=True)
    assert layer.weight.dtype == torch.float64 and isinstance(layer.weight, nn.Parameter)
    assert np.shares_memory(layer.bias.detach().numpy(), state["bias"].numpy())


def test_loading_counts_as_a_write():
    layer = nn.Linear(1, 1, bias=False)
    x = torch.ones(1, requires_grad=True)
    out = layer(x)
    layer.load_state_dict({"weight": torch.ones(1, 1)})
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


def test_extra_state():
    class Counter(nn.Module):
        count = 3

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    net = nn.Sequential(Counter())
    state = net.state_dict()
    assert state == {"0._extra_state": {"count": 3}}
    state["0._extra_state"] = {"count": 5}
    net.load_state_dict(state)
    assert net[0].count == 5
    with pytest.raises(RuntimeError, match="_extra_state"):
        net.load_state_dict({})


def test_state_hooks():
    net, log = nn.Linear(1, 1), []
    net.register_state_dict_pre_hook(lambda m, prefix, keep: log.append(prefix))
    net.register_state_dict_post_hook(lambda m, state, prefix, meta: state.pop("bias"))
    handle = net.register_load_state_dict_pre_hook(
        lambda m, state, prefix, *rest: state.setdefault("bias", torch.tensor([7.0]))
    )
    net.register_load_state_dict_post_hook(lambda m, keys: log.append(keys.missing_keys[:]))
    net._state_dict_hooks.clear()
    net.load_state_dict({"weight": torch.ones(1, 1)})
    assert net.bias.tolist() == [7] and log == [[]]
    handle.remove()
    net.state_dict()
    assert log == [[], ""]


def test_an_override_of_load_from_state_dict_still_works():
    class Renamed(nn.Linear):
        def _load_from_state_dict(self, state_dict, prefix, *rest):
            if prefix + "w" in state_dict:
                state_dict[prefix + "weight"] = state_dict.pop(prefix + "w")
            super()._load_from_state_dict(state_dict, prefix, *rest)

    net = nn.Sequential(Renamed(2, 1))
    given = {"0.w": torch.ones(1, 2), "0.bias": torch.zeros(1)}
    net.load_state_dict(given)
    assert net[0].weight.tolist() == [[1, 1]] and "0.w" in given


def test_copies_and_pickles():
    net = Net()
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net)), copy.copy(net)):
        assert list(other.state_dict()) == list(net.state_dict())
        assert other.scale is other._parameters["scale"] and other.scale.requires_grad
        assert torch.equal(other(torch.ones(1, 4)), net(torch.ones(1, 4)))
    other = copy.deepcopy(net)
    with torch.no_grad():
        other.scale.fill_(9)
    assert net.scale.tolist() == [1, 1]


# ---- hooks ---------------------------------------------------------------------------------


def test_forward_hooks_replace_inputs_and_outputs():
    m, log = Double(), []
    one = m.register_forward_pre_hook(lambda m, args: log.append("first"))
    m.register_forward_pre_hook(
        lambda m, args: (log.append("zeroth"), args[0] + 1)[1], prepend=True
    )
    m.register_forward_pre_hook(lambda m, args, kw: (args, {"times": 10}), with_kwargs=True)
    two = m.register_forward_hook(lambda m, args, out: out + 0.5)
    m.register_forward_hook(lambda m, args, kw, out: log.append(kw), with_kwargs=True)
    assert m(torch.tensor(1.0)).item() == 20.5
    assert log == ["zeroth", "first", {"times": 10}]
    one.remove()
    with two:
        pass
    assert m(torch.tensor(1.0)).item() == 20 and log[3:] == ["zeroth", {"times": 10}]
    m.register_forward_pre_hook(lambda m, args, kw: 3, with_kwargs=True)
    with pytest.raises(RuntimeError, match="must return None or a tuple"):
        m(torch.tensor(1.0))


def test_always_called_hooks_see_failures():
    m, log = Double(), []
    m.register_forward_hook(lambda m, args, out: log.append(out), always_call=True)
    m.register_forward_hook(lambda m, args, out: log.append("not"))
    with pytest.raises(TypeError):
        m(torch.ones(2), times=object())
    assert log == [None]


def test_full_backward_hooks():
    m, log = Double(), []
    m.register_full_backward_pre_hook(lambda m, go: (go[0] * 3,))
    m.register_full_backward_hook(lambda m, gi, go: log.append((gi[0].tolist(), go[0].tolist())))
    handle = m.register_full_backward_hook(lambda m, gi, go: (gi[0] * 10,))
    x = torch.ones(2, requires_grad=True)
    m(x).sum().backward()
    assert x.grad.tolist() == [60, 60] and log == [([6, 6], [3, 3])]
    handle.remove()
    (g,) = torch.autograd.grad((m(x) * m(x)).sum(), x, create_graph=True)
    assert g.requires_grad
    m.register_full_backward_hook(lambda m, gi, go: (gi[0], gi[0]))
    with pytest.raises(RuntimeError, match="invalid number of grad_input"):
        m(x).sum().backward()


def test_backward_hooks_without_input_gradients():
    log = []
    layer = nn.Linear(2, 1)
    layer.register_full_backward_hook(lambda m, gi, go: log.append((gi, go[0].tolist())))
    layer(torch.ones(1, 2)).backward(torch.tensor([[5.0]]))
    assert log == [((None,), [[5]])]
    with torch.no_grad():
        layer(torch.ones(1, 2))
    many = MultiOut()
    many.register_full_backward_hook(lambda m, gi, go: log.append(go))
    x = torch.ones(2, requires_grad=True)
    a, _ = many(x)
    a.sum().backward()
    assert log[1][0].tolist() == [1, 1] and log[1][1] is None


class MultiOut(nn.Module):
    def forward(self, x):
        return x * 2, x * 3


def test_global_hooks():
    module = nn.modules.module
    log = []
    handles = [
        module.register_module_forward_pre_hook(lambda m, a: log.append("pre")),
        module.register_module_forward_hook(lambda m, a, o: log.append("post")),
        module.register_module_full_backward_pre_hook(lambda m, go: log.append("back pre")),
        module.register_module_full_backward_hook(lambda m, gi, go: log.append("back")),
    ]
    try:
        x = torch.ones(1, requires_grad=True)
        nn.Identity()(x).sum().backward()
    finally:
        for h in handles:
            h.remove()
    assert log == ["pre", "post", "back pre", "back"]
    nn.Identity()(x)
    assert len(log) == 4


# ---- containers ----------------------------------------------------------------------------


def test_sequential_is_a_list_of_layers():
    net = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 3))
    assert len(net) == 3 and net[-1] is net[2] and isinstance(net[:2], nn.Sequential)
    net.append(nn.Tanh()).insert(0, nn.Identity()).extend([nn.ReLU6()])
    assert [type(m).__name__ for m in net] == [
        "Identity", "Linear", "ReLU", "Linear", "Tanh", "ReLU6"]  # fmt: skip
    assert list(net._modules) == list("012345")
    assert isinstance(net.pop(-1), nn.ReLU6)
    del net[0]
    net[0] = nn.Linear(1, 5)
    assert net[0].out_features == 5 and len(net) == 4 and list(net._modules) == list("0123")
    del net[1:]
    both = net + nn.Sequential(nn.ReLU())
    assert len(both) == 2 and len(both * 3) == len(2 * both) + 2
    both += nn.Sequential(nn.ReLU())
    both *= 2
    assert len(both) == 6
    named = nn.Sequential(OrderedDict(a=nn.ReLU(), b=nn.Tanh()))
    assert list(named.state_dict()) == [] and isinstance(named.b, nn.Tanh)
    assert repr(named[1:]) == "Sequential(\n  (b): Tanh()\n)"
    with pytest.raises(IndexError, match="out of range"):
        net[7]
    for wrong in (lambda: net + 3, lambda: net * 0, lambda: net * 1.5):
        with pytest.raises((TypeError, ValueError)):
            wrong()


def test_module_list_and_dict():
    layers = nn.ModuleList([nn.Linear(1, 1)] * 2)
    layers += [nn.ReLU()]
    layers.insert(1, nn.Tanh())
    assert len(layers) == 4 and isinstance(layers[1:3], nn.ModuleList)
    assert len(layers + [nn.ReLU()]) == 5 and layers.pop(1).__class__ is nn.Tanh
    with pytest.raises(TypeError, match="iterable"):
        layers.extend(3)
    with pytest.raises(NotImplementedError):
        layers(1)
    d = nn.ModuleDict({"a": nn.ReLU()})
    d["b"] = nn.Tanh()
    d.update([("c", nn.ELU())])
    assert list(d) == ["a", "b", "c"] and "a" in d and len(d) == 3
    assert [k for k, _ in d.items()] == list(d.keys()) and len(list(d.values())) == 3
    assert isinstance(d.pop("a"), nn.ReLU)
    del d["b"]
    d.clear()
    assert len(d) == 0
    for wrong in (3, [3], [("a",)]):
        with pytest.raises((TypeError, ValueError)):
            d.update(wrong)


def test_parameter_list_and_dict():
    ps = nn.ParameterList([torch.zeros(2), nn.Parameter(torch.zeros(3))])
    ps.append(torch.ones(1))
    ps += [5]
    assert len(ps) == 4 and len(list(ps.parameters())) == 3 and ps[-1] == 5
    ps[0] = torch.ones(4)
    assert ps[0].shape == (4,) and isinstance(ps[:2], nn.ParameterList)
    assert len(copy.deepcopy(ps)) == 4
    with pytest.raises(RuntimeError, match="should not be called"):
        ps()
    with pytest.raises(TypeError, match="iterable"):
        ps.extend(torch.ones(1))
    d = nn.ParameterDict({"a": torch.zeros(2)})
    d["b"] = torch.ones(1)
    d |= {"c": torch.ones(3)}
    assert list(d) == ["a", "b", "c"] == list(d.keys()) and "a" in d and len(d) == 3
    assert list(d.state_dict()) == ["a", "b", "c"] and list(reversed(d)) == ["c", "b", "a"]
    assert d.get("z") is None and d.setdefault("z", torch.ones(1)).requires_grad
    assert d.popitem()[0] == "z" and d.pop("c").shape == (3,)
    assert list((d | {"q": torch.ones(1)}).keys()) == ["a", "b", "q"]
    assert list(({"q": torch.ones(1)} | d).keys()) == ["q", "a", "b"]
    assert len(d.copy()) == len(d.values()) == 2 and len(d.fromkeys(["x"], torch.ones(1))) == 1
    with pytest.raises(KeyError):
        d["nope"]
    with pytest.raises(RuntimeError, match="should not be called"):
        d()
    d.clear()
    with pytest.raises(KeyError):
        d.popitem()


def test_reprs():
    class Odd(nn.Module):
        def extra_repr(self):
            return "a=1\nb=2"

    net = nn.ModuleList([nn.Sequential(nn.ReLU()), nn.Sequential(nn.ReLU()), Odd()])
    assert repr(net) == (
        "ModuleList(\n  (0-1): 2 x Sequential(\n    (0): ReLU()\n  )\n"
        "  (2): Odd(\n    a=1\n    b=2\n  )\n)"
    )
    assert repr(nn.ParameterDict({"a": torch.zeros(2, 3)})) == (
        "ParameterDict(  (a): Parameter containing: [torch.FloatTensor of size 2x3])"
    )
    assert repr(nn.Parameter(torch.ones(1))) == (
        "Parameter containing:\ntensor([1.], requires_grad=True)"
    )


# ---- errors --------------------------------------------------------------------------------


def test_an_error_names_the_layer_the_operands_and_the_fix():
    net = Net()
    with pytest.raises(RuntimeError) as caught:
        net(torch.ones(2, 5))
    text = str(caught.value)
    assert text.startswith(
        "in Linear 'body.0' (x @ weight.T + bias): the last axis of x must equal in_features"
    )
    assert "mat1 and mat2 shapes cannot be multiplied (2x5 and 4x3)" in text
    assert "parameter 'body.0.weight', in_features=4" in text
    assert "build Linear(5, 3)" in text


@pytest.mark.parametrize(("layer", "x", "match"), [
    (lambda: nn.Linear(3, 2), lambda: torch.ones(2, 3, dtype=torch.int64), "same dtype"),
    (lambda: nn.Linear(3, 2), lambda: torch.ones(2, 3, dtype=torch.float64), "same dtype"),
    (lambda: nn.Conv2d(3, 2, 3), lambda: torch.ones(1, 4, 5, 5),
     "expected input.* to have 3 channels, but got 4 channels"),
    (lambda: nn.BatchNorm1d(3), lambda: torch.ones(2, 4), "num_features"),
    (lambda: nn.LayerNorm(3), lambda: torch.ones(2, 4), "normalized_shape"),
    (lambda: nn.Embedding(3, 2), lambda: torch.tensor([1, 3]), "index out of range in self"),
])  # fmt: skip
def test_layers_explain_their_failures(layer, x, match):
    net = nn.Sequential(OrderedDict(first=nn.Identity(), second=layer()))
    with pytest.raises((RuntimeError, IndexError), match=match) as caught:
        net(x())
    assert "'second'" in str(caught.value)


def test_an_error_in_a_users_forward_names_the_module():
    class Wrong(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.ones(3, 2))

        def forward(self, x):
            return x @ self.w

    with pytest.raises(RuntimeError) as caught:
        nn.Sequential(Wrong())(torch.ones(2, 5))
    assert str(caught.value).startswith("in Wrong '0' (")
    assert "parameter '0.w'" in str(caught.value)


# ---- nn.utils ------------------------------------------------------------------------------


def with_grads(*grads):
    ps = [nn.Parameter(torch.zeros(len(g))) for g in grads]
    for p, g in zip(ps, grads, strict=True):
        p.grad = torch.tensor(g)
    return ps


@pytest.mark.parametrize(("p", "total"), [
    (2, 5.), (1, 7.), (float("inf"), 4.), (-float("inf"), 0.), (0, 2.)])  # fmt: skip
def test_total_norms(p, total):
    ps = with_grads([3.0, 0.0], [-4.0])
    if p == -float("inf"):
        total = 0.0
    if p == 0:  # the norm of two norms: how many tensors have a non-zero element
        total = 2.0
    assert nn.utils.get_total_norm([q.grad for q in ps], p).item() == pytest.approx(total)


def test_clipping():
    ps = with_grads([3.0, 0.0], [-4.0])
    unused = nn.Parameter(torch.zeros(1))
    assert nn.utils.clip_grad_norm_([*ps, unused], 1.0).item() == 5
    assert ps[0].grad.tolist() == pytest.approx([0.6, 0]) and unused.grad is None
    assert nn.utils.clip_grad_norm_(ps, 10.0).item() == pytest.approx(1)
    assert ps[1].grad.tolist() == pytest.approx([-0.8])
    nn.utils.clip_grad_value_(ps, 0.5)
    assert ps[1].grad.tolist() == [-0.5]
    assert nn.utils.clip_grad_norm_([unused], 1.0).item() == 0
    bad = with_grads([float("nan")])
    with pytest.raises(RuntimeError, match="non-finite"):
        nn.utils.clip_grad_norm_(bad, 1.0, error_if_nonfinite=True)
    with pytest.raises(TypeError):
        nn.utils.clip_grad_norm_(3, 1.0)


def test_vectors_of_parameters():
    layer = nn.Linear(2, 2)
    vector = nn.utils.parameters_to_vector(layer.parameters())
    assert vector.shape == (6,) and vector.requires_grad
    nn.utils.vector_to_parameters(torch.arange(6.0), layer.parameters())
    assert layer.weight.tolist() == [[0, 1], [2, 3]] and layer.bias.tolist() == [4, 5]
    with pytest.raises(ValueError, match="6 in all"):
        nn.utils.vector_to_parameters(torch.arange(5.0), layer.parameters())
    with pytest.raises(TypeError):
        nn.utils.vector_to_parameters([1.0], layer.parameters())
