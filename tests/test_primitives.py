"""Checks over every primitive, on the inputs that the rows of the op table lead it to.

Running the table records each application of an op: its arrays, metadata and output.  On these the
op's own promises are held: its shape rule, its rules in three namespaces, its tangent, its save
list.  An op that no row reaches fails the completeness test.
"""

from __future__ import annotations

import ast
import inspect
import textwrap

import numpy as np
import pytest

import chainrule as torch
import framework
import table
from abstract import Abstract, abstract_ns
from chainrule.autograd import record as recording
from chainrule.autograd.tensor_ns import tensor_ns
from chainrule.ops import vocabulary
from chainrule.ops.base import REGISTRY, Op, numpy_ns, unbroadcast
from chainrule.spec import Spec
from chainrule.tensor import Tensor, from_array

TABLE = table.load()
MOST = 12  # applications looked at per op


class Application:
    def __init__(self, op, arrays, out, static, row):
        self.op, self.arrays, self.out, self.static, self.row = op, arrays, out, static, row
        self.outs = out if type(out) is tuple else (out,)

    def values(self):
        """The tuple that rules read from, with everything in it."""
        op = self.op
        arrays = list(self.arrays)
        if op.variadic:
            fixed = len(op.inputs) - 1
            arrays = [*arrays[:fixed], tuple(arrays[fixed:])]
        arrays += [None] * (len(op.inputs) - len(arrays))
        specs = [recording.spec_of(a) for a in arrays]
        return (*arrays, *self.outs, None, *specs)

    def differentiable_inputs(self):
        return [i for i, a in enumerate(self.arrays) if isinstance(a, np.ndarray)
                and a.dtype.kind == "f" and self.has_rule(i)]  # fmt: skip

    def has_rule(self, i):
        op = self.op
        if op.vjp is not None:
            name = op.inputs[min(i, len(op.inputs) - 1)].removeprefix("*")
            return name not in op.constant
        return i < len(op.rules) and op.rules[i] is not None

    def upstream(self, seed=0):
        random = np.random.RandomState(seed)

        def one(o):
            if o.dtype.kind not in "fc":
                return None
            g = random.uniform(0.5, 1.5, o.shape)
            if o.dtype.kind == "c":
                g = g + 1j * random.uniform(0.5, 1.5, o.shape)
            return np.asarray(g).astype(o.dtype)

        gs = tuple(one(o) for o in self.outs)
        return gs if type(self.out) is tuple else gs[0]

    def pull(self, xp, g, values):
        """Gradients of all differentiable inputs, through the namespace `xp`."""
        op, places = self.op, self.differentiable_inputs()
        if op.vjp is not None:
            needed = tuple(i in places for i in range(len(self.arrays)))
            found = op.vjp(xp, g, needed, *[values[k] for k in op.vjp_reads], **self.static)
            return [found[i] for i in places]
        return [
            op.rules[i](xp, g, *[values[k] for k in op.reads[i]], **self.static) for i in places
        ]


# Ops that only functions without row apply, as these draw random numbers.
def sparse_product(x):
    """A sparse matrix times a dense one, and its derivatives."""
    out = torch.sparse.mm(torch.eye(2, dtype=x.dtype).to_sparse() * x, x * x)
    (first,) = torch.autograd.grad((out * out).sum(), x, create_graph=True)
    torch.autograd.grad((first * first).sum(), x)


def sparse_table(x):
    """Rows of a table whose gradient is sparse, and its derivatives."""
    out = torch.nn.functional.embedding(torch.tensor([1, 0, 1]), x, sparse=True)
    (first,) = torch.autograd.grad((out**3).sum(), x, create_graph=True)
    torch.autograd.grad((first * first).sum(), x)


DRAWN = {"_standard_gamma": torch._standard_gamma, "_sample_dirichlet": torch._sample_dirichlet,
         "sparse.mm": sparse_product, "embedding (sparse)": sparse_table}  # fmt: skip


def run_table() -> tuple[dict[str, list[Application]], list[str]]:
    """Run every row once and keep what each op was applied to, and which rows failed."""
    found: dict[str, list[Application]] = {}
    broken: list[str] = []
    row = ""

    def spy(op, inputs, arrays, out, static):
        mine = found.setdefault(op.name, [])
        if len(mine) < MOST and all(isinstance(a, (np.ndarray, np.generic)) for a in arrays):
            outs = out if type(out) is tuple else (out,)
            if all(np.asarray(o).size < 5000 for o in (*arrays, *outs)):
                copied = [np.array(a) for a in arrays]
                outs = tuple(np.array(o) for o in outs)
                whole = outs if type(out) is tuple else outs[0]
                mine.append(Application(op, copied, whole, dict(static), row))

    recording.observe = spy
    try:
        for row, case in TABLE.items():
            for dtype in case.dtypes[:2]:
                for sample in case.calls(dtype):
                    try:
                        run_sample(case, sample, dtype)
                    except Exception as error:
                        broken.append(f"{row}: {type(error).__name__}: {error}")
        for row in DRAWN:
            DRAWN[row](torch.tensor([[0.5, 2.0], [9.0, 1.0]], requires_grad=True))
    finally:
        recording.observe = None
    return found, broken


def run_sample(case, sample, dtype):
    outs, leaves = framework.run(torch, case, sample)
    if dtype == "float64" and leaves and case.second:
        # of squares, so that the upstream gradient depends on the leaves: rules of linear ops are
        # then differentiated too, and the second derivative applies what only their rules use
        loss = framework.weighted(torch, case.name, [t * t for t in outs if t.requires_grad])
        if loss is None:
            return
        first = torch.autograd.grad(loss, leaves, create_graph=True, allow_unused=True)
        loss = framework.weighted(torch, case.name, [g for g in first if g is not None])
        if loss is not None:
            torch.autograd.grad(loss, leaves, create_graph=True, allow_unused=True)


@pytest.fixture(scope="module")
def table_run():
    return run_table()


@pytest.fixture(scope="module")
def applications(table_run):
    return table_run[0]


def test_every_row_runs(table_run):
    assert not table_run[1], "\n".join(table_run[1])


every_op = pytest.mark.parametrize("name", sorted(REGISTRY))


def same(a, b):
    return np.array_equal(np.asarray(a), np.asarray(b), equal_nan=np.asarray(a).dtype.kind in "fc")


def raw(value):
    return value._array if isinstance(value, Tensor) else value


@every_op
def test_is_reached_by_a_row(name, applications):
    assert applications.get(name), f"no row of the op table applies {name}"


@every_op
def test_has_a_docstring_with_its_formula(name):
    doc = REGISTRY[name].__doc__
    assert doc and "=" in doc, f"{name} says nothing of what it computes"


@every_op
def test_shape_rule_is_the_actual_shape(name, applications):
    for app in applications.get(name, ()):
        specs = [Spec(a.shape, a.dtype) for a in app.arrays]
        got = app.op.spec(*specs, **app.static)
        for s, o in zip(got if isinstance(got[0], tuple) and not isinstance(got, Spec) else (got,),
                        app.outs, strict=True):  # fmt: skip
            assert (tuple(s.shape), s.dtype) == (o.shape, o.dtype), (
                f"{app.row}: {specs} {app.static}"
            )


@every_op
def test_forward_through_numpy_and_tensors(name, applications):
    for app in applications.get(name, ()):
        again = app.op.forward(numpy_ns, *app.arrays, **app.static)
        over = app.op.forward(tensor_ns, *map(from_array, app.arrays), **app.static)
        again, over = (v if type(v) is tuple else (v,) for v in (again, over))
        for o, a, t in zip(app.outs, again, over, strict=True):
            if app.op.name not in UNINITIALISED:
                assert same(o, a), f"{app.row}: the forward is not deterministic"
            if "forward" not in app.op.__dict__:
                assert same(o, raw(t)), f"{app.row}: NumPy and Tensor namespaces differ"
            else:
                np.testing.assert_allclose(raw(t), o, 1e-5, 1e-6, err_msg=app.row)


UNINITIALISED: set[str] = set()


@every_op
def test_rules_on_tensors_equal_rules_on_arrays_bit_for_bit(name, applications):
    for app in applications.get(name, ()):
        if not app.op.differentiable or not app.differentiable_inputs():
            continue
        g = app.upstream()
        values = app.values()
        wrapped = tuple(
            tuple(map(from_array, v)) if type(v) is tuple and v and isinstance(v[0], np.ndarray)
            else from_array(v) if isinstance(v, np.ndarray) else v
            for v in values
        )  # fmt: skip
        over = g if g is None else tuple(x if x is None else from_array(x) for x in g) \
            if type(g) is tuple else from_array(g)  # fmt: skip
        for i, a, t in zip(app.differentiable_inputs(), app.pull(numpy_ns, g, values),
                           app.pull(tensor_ns, over, wrapped), strict=True):  # fmt: skip
            if a is None:
                assert t is None
                continue
            a = unbroadcast(numpy_ns, np.asarray(a), app.arrays[i].shape)
            t = raw(unbroadcast(tensor_ns, t, app.arrays[i].shape))
            assert a.dtype == app.arrays[i].dtype, f"{app.row}: gradient dtype {a.dtype}"
            assert same(a, t), f"{app.row}: raw and recorded reverse differ for input {i}"


@every_op
def test_rules_run_without_data(name, applications):
    for app in applications.get(name, ()):
        if not app.op.differentiable or not app.differentiable_inputs():
            continue
        g = app.upstream()

        def lift(v):
            if isinstance(v, np.ndarray):
                return Abstract(Spec(v.shape, v.dtype))
            if type(v) is tuple and v and isinstance(v[0], np.ndarray):
                return tuple(map(lift, v))
            return v

        over = tuple(map(lift, g)) if type(g) is tuple else lift(g)
        pulled = app.pull(abstract_ns, over, tuple(map(lift, app.values())))
        for i, s in zip(app.differentiable_inputs(), pulled, strict=True):
            if s is not None:
                s = unbroadcast(abstract_ns, s, app.arrays[i].shape)
                want = app.arrays[i].shape, app.arrays[i].dtype
                assert (tuple(s.shape), s.dtype) == want, f"{app.row}: input {i}"


@every_op
def test_forward_mode_is_the_transpose_of_reverse_mode(name, applications):
    op = REGISTRY[name]
    if not hasattr(op, "tangent") or not op.differentiable:
        return
    for app in applications.get(name, ()):
        places = app.differentiable_inputs()
        if not places or type(app.out) is tuple or app.arrays[places[0]].dtype != np.float64:
            continue
        if any(a.dtype.kind == "f" and not np.isfinite(a).all() for a in app.arrays):
            continue
        random = np.random.RandomState(1)
        ts = tuple(
            np.asarray(random.uniform(-1, 1, a.shape)) if i in places else None
            for i, a in enumerate(app.arrays)
        )
        g = app.upstream()
        if g is None:
            continue
        with np.errstate(all="ignore"):
            forward = op.tangent(numpy_ns, ts, app.values(), **app.static)
            grads = app.pull(numpy_ns, g, app.values())
        left = float(np.sum(g * np.broadcast_to(forward, g.shape)).real)
        right = sum(
            float(np.sum(unbroadcast(numpy_ns, np.asarray(v), app.arrays[i].shape) * ts[i]))
            for i, v in zip(places, grads, strict=True)
            if v is not None
        )
        if np.isfinite(left) and np.isfinite(right):
            assert abs(left - right) <= 1e-10 * max(1, abs(left)), f"{app.row}: {left} {right}"


@every_op
def test_nodes_keep_only_what_rules_name(name, applications):
    op = REGISTRY[name]
    for app in applications.get(name, ())[:3]:
        if op.variadic or not op.differentiable:
            continue
        for i in app.differentiable_inputs():
            values = app.values()
            kept = op.keep[1 << i](values if op.reads_specs else values[: len(op.inputs)
                                   + len(op.outputs) + 1])  # fmt: skip
            named = set(op.reads[i] if op.vjp is None else op.vjp_reads)
            if kept is None:
                assert not named
                continue
            for k, v in enumerate(kept):
                assert (v is not None) <= (k in named), f"{name} keeps slot {k} for nothing"


def test_rules_use_only_the_vocabulary():
    wrong, others = [], (*vocabulary.CREATION, *vocabulary.FUSED)
    for name, op in REGISTRY.items():
        for attribute, member in inspect.getmembers(op, inspect.isfunction):
            if not (attribute.startswith("d_") or attribute in ("vjp", "tangent", "forward")):
                continue
            if attribute not in op.__dict__ and not attribute.startswith("d_"):
                continue
            source = textwrap.dedent(inspect.getsource(member))
            for node in ast.walk(ast.parse(source)):
                if (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                        and node.value.id == "xp" and node.attr not in REGISTRY
                        and node.attr not in others):  # fmt: skip
                    wrong.append(f"{name}.{attribute} uses xp.{node.attr}")
    assert not wrong, "\n".join(wrong)


def test_ops_are_final_and_stateless():
    for name, op in REGISTRY.items():
        for base in op.__mro__[1:]:
            assert "name" not in base.__dict__ or base is Op, f"{name} extends another op"


def through_strict_arrays(app):
    """The gradients of an application over array-api-strict arrays, or why that cannot be."""
    import array_api_strict as api

    from strict import strict_ns

    def lift(v):
        if isinstance(v, np.ndarray):
            return api.asarray(v)
        if type(v) is tuple and v and isinstance(v[0], np.ndarray):
            return tuple(map(lift, v))
        return v

    g = app.upstream()
    over = tuple(map(lift, g)) if type(g) is tuple else lift(g)
    try:
        out = app.op.forward(strict_ns, *map(lift, app.arrays), **app.static)
        pulled = app.pull(strict_ns, over, tuple(map(lift, app.values())))
        pulled = [
            p if p is None else unbroadcast(strict_ns, p, app.arrays[i].shape)
            for i, p in zip(app.differentiable_inputs(), pulled, strict=True)
        ]
    except (AttributeError, TypeError) as error:
        return str(error)  # a name or a promotion that the standard does not have
    outs = out if type(out) is tuple else (out,)
    for o, a in zip(app.outs, outs, strict=True):
        np.testing.assert_allclose(np.asarray(a), o, 1e-12, 1e-300, err_msg=app.row)
    for a, b in zip(pulled, app.pull(numpy_ns, g, app.values()), strict=True):
        if a is not None:
            b = unbroadcast(numpy_ns, np.asarray(b), np.asarray(a).shape)
            np.testing.assert_allclose(np.asarray(a), b, 1e-12, 1e-300, err_msg=app.row)
    return ""


@pytest.mark.filterwarnings("ignore")
def test_rules_run_on_strict_arrays_where_the_standard_has_the_names(applications):
    """Arrays of another library: nothing in these rules knows NumPy."""
    passed = set()
    for name, apps in applications.items():
        for app in apps:
            doubles = all(a.dtype == np.float64 for a in app.arrays)
            if doubles and app.op.differentiable and app.differentiable_inputs() \
                    and app.upstream() is not None and not through_strict_arrays(app):  # fmt: skip
                passed.add(name)
    always = {"add", "subtract", "multiply", "divide", "negative", "exp", "log", "sqrt", "sin",
              "cos", "matmul", "sum", "reshape", "broadcast_to", "permute_dims", "swapaxes",
              "concat"}  # fmt: skip
    assert always <= passed, f"no longer general: {always - passed}"
    assert len(passed) >= 40, sorted(passed)
