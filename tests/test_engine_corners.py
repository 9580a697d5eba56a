"""Corners of the engine, each as torch has it: retained gradients, hooks, `.grad`, Functions."""

import gc
import threading
import weakref

import numpy as np
import pytest

import chainrule as torch


@pytest.fixture
def x():
    return torch.tensor([1.0, 2.0, 3.0], requires_grad=True)


# ---- retain_grad -----------------------------------------------------------------------------


def test_retain_grad_follows_the_tensor_through_writes_in_place(x):
    y = x * 2
    y.retain_grad()
    y.mul_(5)
    (y * 3).sum().backward()
    assert y.retains_grad and y.grad.tolist() == [3, 3, 3] and x.grad.tolist() == [30, 30, 30]


def test_retain_grad_of_a_base_and_of_a_view_follow_writes_through_the_other(x):
    y = x * 2
    v = y[1:]
    y.retain_grad()
    v.retain_grad()
    v.mul_(5)
    ((y * 3).sum() + v.sum()).backward()
    assert y.grad.tolist() == [3, 4, 4] and v.grad.tolist() == [1, 1]
    a = x * 2
    w = a[1:]
    w.retain_grad()
    a.mul_(5)
    (w * 3).sum().backward()
    assert w.retains_grad and w.grad.tolist() == [3, 3]


def test_retained_gradients_are_kept_whatever_is_asked_for(x):
    y = x * 2
    y.retain_grad()
    torch.autograd.grad((y * y).sum(), x)
    assert y.grad.tolist() == [4, 8, 12] and x.grad is None
    z = x * 2
    z.retain_grad()
    (z * z).sum().backward(inputs=[x])
    assert z.grad.tolist() == [4, 8, 12]


# ---- hooks -----------------------------------------------------------------------------------


def test_what_hooks_may_not_return(x):
    for wrong, error, message in [
        (lambda g: g[:2], RuntimeError, "has changed the size of value"),
        (lambda g: g.double(), RuntimeError, "has changed the type of value"),
        (lambda g: 3, TypeError, "expected Variable, but hook returned 'int'"),
    ]:
        for t in (x, x * 1):
            handle = t.register_hook(wrong)
            with pytest.raises(error, match=message):
                (t * 3).sum().backward()
            handle.remove()
    assert x.grad is None


def test_a_hook_stays_with_the_value_it_was_registered_on(x):
    y = x * 2
    seen = []
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.mul_(5)
    (y * 3).sum().backward()
    assert seen == [[15, 15, 15]]


def test_hooks_may_remove_each_other(x):
    log, handles = [], []

    def first(g):
        log.append(1)
        for handle in handles:
            handle.remove()

    handles += [x.register_hook(first), x.register_hook(lambda g: log.append(2))]
    x.sum().backward()
    x.sum().backward()
    assert log == [1, 2]


def test_an_error_in_a_hook_or_a_function_keeps_its_traceback_and_the_mode(x):
    def wrong(g):
        raise KeyError("mine")

    x.register_hook(wrong)
    for create in (False, True):
        with pytest.raises(KeyError, match="mine") as caught:
            (x * x).sum().backward(create_graph=create)
        assert caught.traceback[-1].name == "wrong"
        assert caught.value.__context__ is None
        assert torch.is_grad_enabled()


# ---- .grad -----------------------------------------------------------------------------------


def test_a_gradient_is_added_to_where_it_is():
    x, w = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    x.grad = known = w * 2
    (x * x).sum().backward()
    assert x.grad is known and known.requires_grad and known.tolist() == [4, 4, 4]
    memory = torch.zeros(6)
    w.grad = memory[::2]
    (w * w).sum().backward()
    assert memory.tolist() == [2, 0, 2, 0, 2, 0]


def test_adding_to_a_gradient_that_a_graph_saved_is_noticed():
    x, w = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    (x * x).sum().backward()
    y = (x.grad * w).sum()
    (x * x).sum().backward()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def test_an_expanded_gradient_cannot_be_added_to():
    x = torch.ones(3, requires_grad=True)
    x.grad = torch.zeros(1).expand(3)
    with pytest.raises(RuntimeError, match="single memory location"):
        (x * x).sum().backward()


def test_what_may_be_assigned_to_grad(x):
    for wrong, error, message in [
        (torch.ones(2), RuntimeError, "attempting to assign a gradient of size"),
        (torch.ones(3).double(), RuntimeError, "attempting to assign a gradient with dtype"),
        (x, RuntimeError, "can't assign Variable as its own grad"),
        (1.0, TypeError, "expected to be a Tensor or None"),
    ]:
        with pytest.raises(error, match=message):
            x.grad = wrong
    x.sum().backward()
    del x.grad
    assert x.grad is None


def test_requires_grad_off_and_on_again_leaves_older_graphs_and_hooks_alone(x):
    y = (x * 2).sum()
    x.register_hook(lambda g: g * 10)
    x.requires_grad_(False)
    y.backward(retain_graph=True)
    assert x.grad is None
    x.requires_grad_()
    y.backward()
    assert x.grad.tolist() == [20, 20, 20]
    with pytest.raises(RuntimeError, match="only change requires_grad flags of leaf"):
        (x * 2).requires_grad = True


def test_grad_needs_inputs_and_says_which_output_has_no_graph(x):
    with pytest.raises(RuntimeError, match="cannot be empty"):
        torch.autograd.grad((x * x).sum(), [])
    with pytest.raises(RuntimeError, match="element 1 of tensors does not require grad"):
        torch.autograd.grad([(x * x).sum(), torch.ones(())], [x])
    with pytest.raises(RuntimeError, match=r"by greater .* at .*test_engine_corners.py:\d+"):
        (x > 0).sum().backward()


# ---- Function --------------------------------------------------------------------------------


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        a.mul_(2)
        ctx.mark_dirty(a)
        return a

    @staticmethod
    def backward(ctx, g):
        return g * 2


class OneOfMany(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        return (a * 2,)

    @staticmethod
    def backward(ctx, g):
        return g * 2


def test_a_function_that_writes_into_a_view_changes_the_base(x):
    y = x * 1
    Doubled.apply(y[1:])
    y.sum().backward()
    assert x.grad.tolist() == [1, 2, 2]


def test_a_function_that_writes_into_a_base_changes_its_views(x):
    y = x * 1
    v = y[1:]
    Doubled.apply(y)
    v.sum().backward()
    assert x.grad.tolist() == [0, 2, 2]


def test_a_function_may_not_write_into_a_view_of_a_leaf(x):
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        Doubled.apply(x[1:])


def test_a_function_with_a_tuple_of_one_output(x):
    out = OneOfMany.apply(x)
    assert type(out) is tuple
    out[0].sum().backward()
    assert x.grad.tolist() == [2, 2, 2]


def test_a_function_that_saved_nothing_goes_backward_twice(x):
    (y,) = OneOfMany.apply(x)
    for _ in range(2):
        y.backward(torch.ones(3))
    assert x.grad.tolist() == [4, 4, 4]


# ---- modes -----------------------------------------------------------------------------------


def test_generators_under_no_grad_take_errors_as_they_would_without():
    @torch.no_grad()
    def counting():
        n = 0
        while n < 2:
            try:
                yield n
            except ValueError:
                n += 1
        return "end"

    it = counting()
    assert next(it) == 0 and it.throw(ValueError()) == 1 and torch.is_grad_enabled()
    with pytest.raises(StopIteration) as end:
        it.throw(ValueError())
    assert end.value.value == "end"


def test_two_threads_go_forward_and_backward_at_once():
    found = {}

    def work(k):
        w = torch.full((50,), float(k), requires_grad=True)
        for _ in range(30):
            h = w
            for _ in range(10):
                h = (h * 1.0).clone()
                h[::2] *= 2
            (g,) = torch.autograd.grad((h * w).sum(), w, create_graph=True)
            (h,) = torch.autograd.grad(g.sum(), w)
        found[k] = (g[:2].tolist(), h[:2].tolist())

    threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 5)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == {k: ([2048.0 * k, 2.0 * k], [2048.0, 2.0]) for k in range(1, 5)}


# ---- memory ----------------------------------------------------------------------------------


def test_nothing_is_left_of_writes_into_fresh_tensors():
    from chainrule.storage import _writes

    gc.collect()
    before = len(_writes)
    for _ in range(2000):
        t = torch.zeros(2)
        t.add_(1)
        t[0] = 5
    assert len(_writes) <= before + 1


def test_dead_views_are_forgotten():
    t = torch.zeros(4)
    for i in range(5000):
        t[i % 4].add_(1)
    assert len(t._views) < 100


def test_dropping_a_graph_frees_its_arrays_at_once():
    gc.collect()
    gc.disable()
    try:
        x = torch.ones(10, requires_grad=True)
        y = x * 2
        v = y[1:]
        v.mul_(x[1:])
        held = [weakref.ref(t._array) for t in (y, v, v.sin())]
        v.sum().backward()
        del y, v
        assert [r() for r in held] == [None] * 3
    finally:
        gc.enable()


def test_a_wide_graph():
    xs = [torch.tensor(float(i), requires_grad=True) for i in range(10_000)]
    (torch.stack(xs) * torch.arange(10_000.0)).sum().backward()
    assert xs[77].grad.item() == 77 and np.isclose(xs[-1].grad.item(), 9999)


# ---- writes ----------------------------------------------------------------------------------


def test_what_copy_overwrote_has_gradient_zero(x):
    w = torch.ones(3, requires_grad=True)
    y = x * 2
    y.copy_(w)
    assert y.grad_fn.name() == "CopyBackwards"
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 0] and w.grad.tolist() == [1, 1, 1]


def test_expanded_memory_is_written_one_element_at_a_time():
    t = torch.zeros(2, 1).expand(2, 3)
    with pytest.raises(RuntimeError, match="single memory location"):
        t.add_(1)
    t[:, 0].add_(1)
    t[1, 2] += 1
    assert t.tolist() == [[1, 1, 1], [2, 2, 2]]
    assert torch.zeros(1).expand(1, 1).add_(1).tolist() == [[1]]


def test_read_only_memory_is_not_written():
    array = np.ones(3)
    array.flags.writeable = False
    with pytest.warns(UserWarning, match="not writable"):
        t = torch.from_numpy(array)
    for write in (lambda: t.add_(1), lambda: t.copy_(torch.zeros(3)), lambda: t.__setitem__(0, 1)):
        with pytest.raises(RuntimeError, match="its memory is read-only"):
            write()
    assert array.tolist() == [1, 1, 1]


class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        out = a.exp()
        ctx.save_for_backward(a, out)
        return out

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[1]


class ExpAndSquare(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        out = a.exp()
        ctx.save_for_backward(a, out)
        return out, a * a

    @staticmethod
    def backward(ctx, g, h):
        a, out = ctx.saved_tensors
        return g * out + 2 * a * h


def test_a_function_that_saves_its_output_makes_no_cycle(x):
    gc.collect()
    gc.disable()
    try:
        for f in (Exp.apply, lambda a: ExpAndSquare.apply(a)[0]):
            a = x * 1
            y = f(a)
            held = [weakref.ref(y._array), weakref.ref(a._array), weakref.ref(y.grad_fn)]
            del y, a
            assert [r() for r in held] == [None] * 3
    finally:
        gc.enable()


def test_a_saved_output_is_differentiated_through(x):
    for f in (Exp.apply, lambda a: sum(ExpAndSquare.apply(a))):
        (g,) = torch.autograd.grad(f(x).sum(), x, create_graph=True)
        (h,) = torch.autograd.grad(g.sum(), x)
        want = x.detach().exp() + (0 if f == Exp.apply else 2)
        assert torch.allclose(h, want)


def test_a_function_says_where_its_saved_tensor_was_changed(x):
    y = Exp.apply(x * 1)
    y.add_(1)
    with pytest.raises(RuntimeError, match=r"ExpBackward saved it at .*:\d+, and .* at .*:\d+"):
        y.sum().backward()


def test_an_error_of_an_operation_comes_without_the_one_inside():
    for wrong in (
        lambda: torch.zeros(3).add_(torch.ones(2, 3)),
        lambda: torch.zeros(3) + torch.ones(4),
        lambda: torch.zeros(3) > torch.ones(4),
        lambda: torch.zeros(3).copy_(torch.ones(2, 3)),
        lambda: torch.zeros(3)[torch.tensor([5])],
    ):
        with pytest.raises((RuntimeError, IndexError)) as caught:
            wrong()
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
