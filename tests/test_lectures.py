"""The lectures' worked examples, with their numbers.  Errata of the slides are marked."""

import math

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.nn import functional as F


def leaf(value):
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


def close(tensor, want, tol=1e-12):
    np.testing.assert_allclose(tensor.detach().numpy(), want, tol, tol)


def test_01_a_small_graph():
    x, y, z = leaf(-2.0), leaf(5.0), leaf(-4.0)
    q = x + y
    q.retain_grad()
    f = q * z
    f.backward()
    assert (q.item(), f.item()) == (3, -12)
    assert (q.grad.item(), x.grad.item(), y.grad.item(), z.grad.item()) == (-4, -4, -4, 3)


def neuron():
    return leaf(2.0), leaf(-1.0), leaf(-3.0), leaf(-2.0), leaf(-3.0)


def test_02_a_neuron_node_by_node():
    w0, x0, w1, x1, w2 = neuron()
    a = w0 * x0
    b = w1 * x1
    nodes = [a, b, a + b]
    nodes.append(nodes[-1] + w2)
    nodes.append(nodes[-1] * -1)
    nodes.append(nodes[-1].exp())
    nodes.append(nodes[-1] + 1)
    nodes.append(1 / nodes[-1])
    for node in nodes:
        node.retain_grad()
    nodes[-1].backward()
    forward = [round(node.item(), 2) for node in nodes]
    assert forward == [-2, 6, 4, 1, -1, 0.37, 1.37, 0.73]
    backward = [round(node.grad.item(), 2) for node in nodes[:1:-1]]
    assert backward == [1, -0.53, -0.53, -0.20, 0.20, 0.20]
    grads = [round(t.grad.item(), 2) for t in (w2, w0, x0, w1, x1)]
    assert grads == [0.20, -0.20, 0.39, -0.39, -0.59]


def test_03_the_same_graph_with_one_sigmoid_gate():
    w0, x0, w1, x1, w2 = neuron()
    torch.sigmoid(w0 * x0 + w1 * x1 + w2).backward()
    s = 1 / (1 + math.exp(-1))
    assert round(s * (1 - s), 4) == 0.1966
    assert abs(w2.grad.item() - s * (1 - s)) < 1e-12
    assert round(torch.sigmoid(torch.tensor(-1.0)).item(), 4) == 0.2689  # erratum W: not 0.2837


def test_04_max_routes_the_gradient():
    x, y, z, w = leaf(3.0), leaf(-4.0), leaf(2.0), leaf(-1.0)
    f = 2 * (x * y + torch.maximum(z, w))
    f.backward()
    assert f.item() == -20
    assert [t.grad.item() for t in (x, y, z, w)] == [-8, 6, 2, 0]


def test_05_patterns_in_backward_flow():
    g = torch.tensor(5.0, dtype=torch.float64)
    x, y = leaf(3.0), leaf(4.0)
    assert torch.autograd.grad(x + y, (x, y), g) == (5, 5)  # distributor
    assert torch.autograd.grad(x * y, (x, y), g) == (20, 15)  # swap multiplier
    assert torch.autograd.grad(torch.maximum(x, y), (x, y), g) == (0, 5)  # router
    a, b = x * 1, x * 1  # a copy adds
    assert torch.autograd.grad((a, b), x, (g, g))[0] == 10


def test_06_flat_backprop_code():
    """The lecture's staged lines, in reverse; erratum W: grad_L*(1-L)*L, not grad_L*(1-L) - L."""
    w0, x0, w1, x1, w2 = 2.0, -1.0, -3.0, -2.0, -3.0
    s0 = w0 * x0
    s1 = w1 * x1
    s2 = s0 + s1
    s3 = s2 + w2
    value = 1 / (1 + math.exp(-s3))
    grad_value = 1.0
    grad_s3 = grad_value * (1 - value) * value
    grad_w2 = grad_s3
    grad_s2 = grad_s3
    grad_s0 = grad_s1 = grad_s2
    flat = grad_s0 * x0, grad_s0 * w0, grad_s1 * x1, grad_s1 * w1, grad_w2
    ours = neuron()
    torch.sigmoid(ours[0] * ours[1] + ours[2] * ours[3] + ours[4]).backward()
    for t, g in zip(ours, flat, strict=True):
        assert abs(t.grad.item() - g) < 1e-15


def test_07_flat_code_of_a_linear_svm():
    r = np.random.RandomState(0)
    x, w, y = r.randn(5, 4), r.randn(4, 3), np.array([0, 2, 1, 1, 0])
    scores = x @ w
    rows = np.arange(5)
    margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    margins[rows, y] = 0
    loss = margins.sum() / 5
    grad_margins = (margins > 0) / 5
    grad_scores = grad_margins.copy()
    grad_scores[rows, y] -= grad_margins.sum(1)
    grad_w = x.T @ grad_scores
    ours = leaf(w)
    got = 3 * F.multi_margin_loss(torch.from_numpy(x) @ ours, torch.from_numpy(y))
    got.backward()
    close(got, loss)
    close(ours.grad, grad_w)


def test_07_flat_code_of_a_two_layer_softmax_net():
    r = np.random.RandomState(1)
    x, w1, w2, y = r.randn(6, 5), r.randn(5, 4), r.randn(4, 3), np.array([0, 1, 2, 2, 1, 0])
    rows = np.arange(6)
    h = np.maximum(0, x @ w1)
    scores = h @ w2
    e = np.exp(scores - scores.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    loss = -np.log(p[rows, y]).mean()
    grad_scores = p.copy()
    grad_scores[rows, y] -= 1
    grad_scores /= 6
    grad_w2 = h.T @ grad_scores
    grad_w1 = x.T @ ((grad_scores @ w2.T) * (h > 0))
    a, b = leaf(w1), leaf(w2)
    got = F.cross_entropy(torch.relu(torch.from_numpy(x) @ a) @ b, torch.from_numpy(y))
    got.backward()
    close(got, loss)
    close(a.grad, grad_w1)
    close(b.grad, grad_w2)


def test_08_relu_on_a_vector():
    x = leaf([1.0, -2.0, 3.0, -1.0])
    out = torch.relu(x)
    out.backward(torch.tensor([4.0, -1.0, 5.0, 9.0], dtype=torch.float64))
    assert out.tolist() == [1, 0, 3, 0]
    assert x.grad.tolist() == [4, 0, 5, 0]
    jacobian = torch.autograd.functional.jacobian(torch.relu, x.detach())
    assert jacobian.tolist() == np.diag([1.0, 0, 1, 0]).tolist()


def test_09_matrix_multiply():
    x = leaf([[2.0, 1, -3], [-3, 4, 2]])
    w = leaf([[3.0, 2, 1, -1], [2, 1, 3, 2], [3, 2, 1, -2]])
    g = torch.tensor([[2.0, 3, -3, 9], [-8, 1, 4, 6]], dtype=torch.float64)
    y = x @ w
    y.backward(g)
    assert y.tolist() == [[-1, -1, 2, 6], [5, 2, 11, 7]]  # erratum S: not [[13, 9, ...
    assert x.grad.tolist() == (g @ w.detach().T).tolist()
    assert w.grad.tolist() == (x.detach().T @ g).tolist()


def test_10_why_jacobians_are_never_formed():
    n, d = 64, 4096
    assert (n * d) * (n * d) * 4 == 256 * 2**30
    assert (1024**2 * 3) * (1024**2 * 64) == 1024**4 * 3 * 64
    x = torch.ones(n, d, requires_grad=True)
    (x @ torch.ones(d, 8)).sum().backward()  # a vector-Jacobian product instead
    assert x.grad.shape == (n, d) and (x.grad == 8).all()


def test_11_softmax_classifier():
    scores = torch.tensor([3.2, 5.1, -1.7], dtype=torch.float64)
    e = scores.exp()
    assert [round(v, 1) for v in e.tolist()[:2]] == [24.5, 164.0]
    assert round(e[2].item(), 2) == 0.18
    assert [round(v, 2) for v in torch.softmax(scores, 0).tolist()] == [0.13, 0.87, 0.00]
    loss = F.cross_entropy(scores[None], torch.tensor([0]))
    assert round(loss.item(), 2) == 2.04
    start = F.cross_entropy(torch.zeros(1, 10), torch.tensor([3]))
    assert round(start.item(), 1) == 2.3 and abs(start.item() - math.log(10)) < 1e-6
    assert F.cross_entropy(torch.tensor([[200.0, 0.0]]), torch.tensor([0])).item() == 0
    assert F.cross_entropy(torch.tensor([[0.0, 1e4]]), torch.tensor([0])).item() == 1e4
    p = torch.tensor([0.2, 0.5, 0.3], dtype=torch.float64)
    q = torch.softmax(scores, 0)
    cross = -(p * q.log()).sum()
    entropy, kl = -(p * p.log()).sum(), F.kl_div(q.log(), p, reduction="sum")
    close(cross, (entropy + kl).item())


def test_12_two_layer_net_in_twenty_lines():
    """The same losses as the NumPy listing, from the same start."""
    r = np.random.RandomState(0)
    x, y = r.randn(64, 1000), r.randn(64, 10)
    w1, w2 = r.randn(1000, 100), r.randn(100, 10)
    a, b = leaf(w1), leaf(w2)
    xt, yt = torch.from_numpy(x), torch.from_numpy(y)
    for t in range(2000):
        h = 1 / (1 + np.exp(-x.dot(w1)))
        y_pred = h.dot(w2)
        loss = np.square(y_pred - y).sum()
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h.T.dot(grad_y_pred)
        grad_h = grad_y_pred.dot(w2.T)
        grad_w1 = x.T.dot(grad_h * h * (1 - h))
        w1 -= 1e-4 * grad_w1
        w2 -= 1e-4 * grad_w2

        ours = ((torch.sigmoid(xt @ a) @ b - yt) ** 2).sum()
        ours.backward()
        with torch.no_grad():
            a -= 1e-4 * a.grad
            b -= 1e-4 * b.grad
        a.grad = b.grad = None
        if t % 100 == 0:
            assert abs(ours.item() - loss) <= 1e-9 * loss, t
    assert loss < 50


def test_13_forward_pass_of_a_three_layer_net_and_a_neuron():
    r = np.random.RandomState(0)
    x = r.randn(3)
    w1, w2, w3 = r.randn(4, 3), r.randn(4, 4), r.randn(1, 4)

    def f(v):
        return 1 / (1 + np.exp(-v))

    net = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 4), nn.Sigmoid(),
                        nn.Linear(4, 1)).double()  # fmt: skip
    with torch.no_grad():
        for layer, w in zip((net[0], net[2], net[4]), (w1, w2, w3), strict=True):
            layer.weight.copy_(torch.from_numpy(w))
            layer.bias.zero_()
    close(net(torch.from_numpy(x)), w3 @ f(w2 @ f(w1 @ x)))
    firing_rate = torch.sigmoid((torch.from_numpy(x) * torch.from_numpy(w1[0])).sum())
    close(firing_rate, f((x * w1[0]).sum()))


def test_14_without_a_nonlinearity_two_layers_collapse():
    r = np.random.RandomState(0)
    w1, w2, x = (torch.from_numpy(r.randn(*s)) for s in ((5, 4), (3, 5), (4,)))
    close(w2 @ (w1 @ x), ((w2 @ w1) @ x).numpy())


def test_15_no_line_separates_until_the_plane_is_turned_to_polar_coordinates():
    torch.manual_seed(0)
    angle = torch.rand(200) * 2 * math.pi
    inside = torch.arange(200) % 2 == 0
    radius = torch.where(inside, torch.rand(200), 2 + torch.rand(200))
    plane = torch.stack([radius * angle.cos(), radius * angle.sin()], 1)
    polar = torch.stack([(plane**2).sum(1).sqrt(), torch.atan2(plane[:, 1], plane[:, 0])], 1)

    def accuracy(points):
        layer = nn.Linear(2, 1)
        optimizer = torch.optim.Adam(layer.parameters(), 0.1)
        for _ in range(200):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(layer(points)[:, 0], inside.float()).backward()
            optimizer.step()
        return ((layer(points)[:, 0] > 0) == inside).float().mean().item()

    assert accuracy(plane) < 0.75
    assert accuracy(polar) == 1


def test_16_svm_loss_softmax_loss_and_regularisation():
    scores = leaf([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    y = torch.tensor([0, 1, 2])
    each = 3 * F.multi_margin_loss(scores, y, reduction="none")  # torch divides by C
    s = scores.detach().numpy()
    want = [sum(max(0, s[i, j] - s[i, k] + 1) for j in range(3) if j != k)
            for i, k in enumerate(y.tolist())]  # fmt: skip
    close(each, want)
    w = leaf(np.random.RandomState(0).randn(4, 3))
    x = torch.from_numpy(np.random.RandomState(1).randn(5, 4))
    y = torch.tensor([0, 1, 2, 1, 0])
    full = F.cross_entropy(x @ w, y) + 0.1 * (w * w).sum()
    full.backward()
    p = torch.softmax(x @ w.detach(), 1) - F.one_hot(y, 3)
    close(w.grad, (x.T @ p / 5 + 0.2 * w.detach()).numpy())


def test_18_one_nearest_neighbour_is_perfect_on_its_own_training_data():
    from chainrule.models import KNearestNeighbors

    torch.manual_seed(0)
    x, y = torch.randn(60, 1, 2, 2), torch.randint(0, 3, (60,))
    one, many = (KNearestNeighbors(k).fit(x, y)(x).argmax(1) == y for k in (1, 15))
    assert one.all() and not many.all()


def test_19_a_gradient_is_checked_numerically():
    x = leaf([0.3, -1.2, 2.0])

    def good(x):
        return (x.sin() * x).sum()

    assert torch.autograd.gradcheck(good, (x,))

    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0]  # the 2 is missing

    with pytest.raises(RuntimeError, match="numerical"):
        torch.autograd.gradcheck(Wrong.apply, (x,))


def test_20_templates_are_rows_of_the_first_layer():
    layer = nn.Linear(3 * 32 * 32, 10)
    templates = layer.weight.reshape(10, 3, 32, 32)
    assert templates.shape == (10, 3, 32, 32)
    x = torch.randn(3, 32, 32)
    close(layer(x.flatten())[4], ((templates[4] * x).sum() + layer.bias[4]).item(), 1e-5)


def test_21_first_derivatives():
    jacobian = torch.autograd.functional.jacobian
    x = leaf(3.0)
    assert torch.autograd.grad(2 * x**2, x)[0].item() == 12
    x = torch.tensor([5.0, 2.0, 7.0], dtype=torch.float64)
    got = jacobian(lambda x: torch.stack([x[0] - x[1] ** 2, x[0] * x[2]]), x)
    assert got.tolist() == [[1, -4, 0], [7, 0, 5]]
    a = torch.from_numpy(np.random.RandomState(0).randn(2, 3))
    close(jacobian(lambda x: a @ x, x), a.numpy())
    close(jacobian(lambda x: (x * x).sum(), x), 2 * x.numpy())
    close(jacobian(torch.relu, x - 4), np.diag([1.0, 0, 1]))
    close(jacobian(torch.mean, x), np.full(3, 1 / 3))
    variance = jacobian(lambda x: x.var(correction=0), x)
    close(variance, 2 / 3 * (x - x.mean()).numpy())


def test_24_two_layer_relu_net_with_svm_loss_and_weight_decay():
    r = np.random.RandomState(0)
    x, y = r.randn(7, 5), np.array([0, 1, 2, 0, 1, 2, 1])
    w1, w2 = r.randn(5, 6), r.randn(6, 3)
    decay, rows = 0.1, np.arange(7)
    h = np.maximum(0, x @ w1)
    s = h @ w2
    margins = np.maximum(0, s - s[rows, y][:, None] + 1)
    margins[rows, y] = 0
    d = (margins > 0) / 7.0
    d[rows, y] -= d.sum(1)
    grad_w2 = h.T @ d + 2 * decay * w2
    grad_w1 = x.T @ ((d @ w2.T) * (h > 0)) + 2 * decay * w1
    a, b = leaf(w1), leaf(w2)
    scores = torch.relu(torch.from_numpy(x) @ a) @ b
    data = 3 * F.multi_margin_loss(scores, torch.from_numpy(y))
    (data + decay * ((a * a).sum() + (b * b).sum())).backward()
    close(a.grad, grad_w1)
    close(b.grad, grad_w2)


def test_25_squared_norm_of_a_product():
    r = np.random.RandomState(0)
    w, x = leaf(r.randn(3, 4)), leaf(r.randn(4))
    ((w @ x) ** 2).sum().backward()
    wx = w.detach() @ x.detach()
    close(x.grad, (2 * w.detach().T @ wx).numpy())  # erratum W: the two are swapped
    close(w.grad, (2 * torch.outer(wx, x.detach())).numpy())


def test_28_squared_error_logistic_loss_and_row_vectors():
    r = np.random.RandomState(0)
    w, x = leaf(r.randn(4)), torch.from_numpy(r.randn(4))
    error = (0.7 - w @ x) ** 2
    (grad,) = torch.autograd.grad(error, w)
    close(grad, (-2 * (0.7 - w.detach() @ x) * x).numpy())
    logistic = -torch.log(torch.sigmoid(w @ x))
    (grad,) = torch.autograd.grad(logistic, w)
    close(grad, (-(1 - torch.sigmoid(w.detach() @ x)) * x).numpy())
    row, weight = leaf(r.randn(1, 3)), leaf(r.randn(3, 2))
    g = torch.from_numpy(r.randn(1, 2))
    (row @ weight).backward(g)
    close(row.grad, (g @ weight.detach().T).numpy())
    close(weight.grad, (row.detach().T @ g).numpy())


def test_30_a_shared_parameter_sums_over_paths():
    x0, w1, w2 = leaf(0.5), leaf(-0.8), leaf(1.2)
    x1 = torch.tanh(x0 * w1)
    x2 = torch.sin(x0 + x1 * w2)
    x3 = x1 * x2 * w1  # w1 is used a second time
    x3.backward()
    t = math.tanh(0.5 * -0.8)
    s, c = math.sin(0.5 + t * 1.2), math.cos(0.5 + t * 1.2)
    dt = (1 - t * t) * 0.5
    first = (s + t * c * 1.2) * -0.8 * dt  # through x1, directly and by x2
    close(w1.grad, first + t * s)
    close(w2.grad, t * c * t * -0.8)


def test_31_layer_recursion_and_its_cost(monkeypatch):
    r = np.random.RandomState(0)
    sizes = (6, 5, 4, 3)
    weights = [leaf(r.randn(o, i)) for i, o in ((6, 5), (5, 4), (4, 3))]
    biases = [leaf(r.randn(o)) for o in sizes[1:]]
    x = leaf(r.randn(6))
    values, sums = [x.detach().numpy()], []
    out = x
    for w, b in zip(weights, biases, strict=True):
        out = torch.sigmoid(w @ out + b)
        sums.append(w.detach().numpy() @ values[-1] + b.detach().numpy())
        values.append(1 / (1 + np.exp(-sums[-1])))
    g = r.randn(3)
    out.backward(torch.from_numpy(g))
    for n in (2, 1, 0):
        ds = g * values[n + 1] * (1 - values[n + 1])
        close(biases[n].grad, ds)
        close(weights[n].grad, np.outer(ds, values[n]))
        g = weights[n].detach().numpy().T @ ds
    close(x.grad, g)


def test_31_backward_costs_twice_the_forward(monkeypatch):
    from chainrule.ops import base

    flops = []
    matmul = base.numpy_ns.matmul

    def counted(x, y):
        flops.append(2 * np.prod(x.shape) * y.shape[-1])
        return matmul(x, y)

    monkeypatch.setattr(base.numpy_ns, "matmul", counted)
    layers = [torch.randn(50, 50, requires_grad=True) for _ in range(3)]
    x = torch.randn(8, 50, requires_grad=True)
    out = x
    for w in layers:
        out = torch.matmul(out, w).tanh()
    out.sum().backward()
    forward = 3 * 2 * 8 * 50 * 50
    assert sum(flops) == 2 * forward


def test_32_a_composition_in_radians():
    """Erratum B: the slide takes the sine of degrees; in radians f' is not 0."""
    x = leaf(-4.499)
    a = -x
    b = a.exp()
    c = b.sin()
    d = 2 / c
    d.backward()
    e = math.exp(4.499)
    close(b, e)
    close(d, 2 / math.sin(e))
    # local derivatives symbolic, the global one numeric: -1, e^a, cos b, -2/c^2
    close(x.grad, (-2 / math.sin(e) ** 2) * math.cos(e) * e * -1)


def test_33_scalar_mlp_in_pure_python_loops():
    r = np.random.RandomState(0)
    x, w, b, v = (
        r.randn(2).tolist(),
        r.randn(3, 2).tolist(),
        r.randn(3).tolist(),
        r.randn(3).tolist(),
    )
    c, t = 0.3, 12.1
    k = [sum(w[i][j] * x[j] for j in range(2)) + b[i] for i in range(3)]
    h = [1 / (1 + math.exp(-s)) for s in k]
    y = sum(v[i] * h[i] for i in range(3)) + c
    dy = 2 * (y - t)
    dv = [dy * h[i] for i in range(3)]
    dk = [dy * v[i] * h[i] * (1 - h[i]) for i in range(3)]
    dw = [[dk[i] * x[j] for j in range(2)] for i in range(3)]
    tw, tb, tv, tc = leaf(w), leaf(b), leaf(v), leaf(c)
    hidden = torch.sigmoid(tw @ torch.tensor(x, dtype=torch.float64) + tb)
    loss = (tv @ hidden + tc - t) ** 2
    loss.backward()
    close(loss, (y - t) ** 2)
    close(tw.grad, dw)
    close(tb.grad, dk)
    close(tv.grad, dv)
    close(tc.grad, dy)
    assert round(float(F.mse_loss(torch.tensor(10.1), torch.tensor(12.1))), 5) == 4


def test_34_vectorised_backward():
    r = np.random.RandomState(0)
    w, v, x = leaf(r.randn(4, 3)), leaf(r.randn(2, 4)), torch.from_numpy(r.randn(3))
    k = w @ x
    h = torch.sigmoid(k)
    y = v @ h
    for t in (k, h, y):
        t.retain_grad()
    ((y - torch.ones(2, dtype=torch.float64)) ** 2).sum().backward()
    hd, yg = h.detach(), y.grad
    close(v.grad, torch.outer(yg, hd).numpy())
    close(h.grad, (v.detach().T @ yg).numpy())
    close(k.grad, (h.grad * hd * (1 - hd)).numpy())
    close(w.grad, torch.outer(k.grad, x).numpy())
    for t in (w, v, k, h, y):
        assert t.grad.shape == t.shape  # a gradient always has the shape of its tensor


def test_35_symbolic_numeric_and_backpropagation():
    def derivative(e):
        """The symbolic derivative of a nest of ("square", inner) and ("sin", inner)."""
        if e == "x":
            return ("one",)
        kind, inner = e
        outer = ("mul2", inner) if kind == "square" else ("cos", inner)
        return ("times", outer, derivative(inner))

    def size(e):
        return 1 if e == "x" else 1 + sum(map(size, e[1:]))

    def value(e, x):
        if e == "x":
            return x
        a = [value(s, x) for s in e[1:]]
        return {"one": lambda: 1.0, "square": lambda: a[0] ** 2, "sin": lambda: math.sin(a[0]),
                "mul2": lambda: 2 * a[0], "cos": lambda: math.cos(a[0]),
                "times": lambda: a[0] * a[1]}[e[0]]()  # fmt: skip

    sizes = []
    for depth in (4, 8, 16):
        e = "x"
        x = leaf(0.9)
        out = x
        for i in range(depth):
            kind = ("square", "sin")[i % 2]
            e, out = (kind, e), out**2 if kind == "square" else out.sin()
        symbolic = derivative(e)
        sizes.append(size(symbolic))
        out.backward()
        numeric = (value(e, 0.9 + 1e-6) - value(e, 0.9 - 1e-6)) / 2e-6
        assert abs(value(symbolic, 0.9) - x.grad.item()) < 1e-12
        assert abs(numeric - x.grad.item()) < 1e-8
    assert sizes[1] > 2.5 * sizes[0] and sizes[2] > 2.5 * sizes[1]  # quadratic; the graph is linear


def test_36_ops_with_backward():
    class Plus(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, g):
            return g, g

    class Sigmoid(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            out = 1 / (1 + (-x).exp())
            ctx.save_for_backward(out)
            return out

        @staticmethod
        def backward(ctx, g):
            (out,) = ctx.saved_tensors
            return g * out * (1 - out)

    class RowSum(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.columns = x.shape[1]
            return x.sum(1)

        @staticmethod
        def backward(ctx, g):
            return g[:, None].expand(len(g), ctx.columns)

    class Expand(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, repeats):
            return x.unsqueeze(1).expand(len(x), repeats)

        @staticmethod
        def backward(ctx, g):
            return g.sum(1), None

    x = leaf(np.random.RandomState(0).randn(3, 4))
    y = leaf(np.random.RandomState(1).randn(3, 4))
    own = Expand.apply(RowSum.apply(Sigmoid.apply(Plus.apply(x, y))), 2)
    g = torch.from_numpy(np.random.RandomState(2).randn(3, 2))
    plain = torch.sigmoid(x + y).sum(1).unsqueeze(1).expand(3, 2)
    for a, b in zip(torch.autograd.grad(own, (x, y), g), torch.autograd.grad(plain, (x, y), g),
                    strict=True):  # fmt: skip
        close(a, b.numpy())
    from chainrule.ops.base import REGISTRY

    assert REGISTRY["sigmoid"].keep[1](("x", "out", None)) == (None, "out", None)
    kept = REGISTRY["sum"].keep[1](("x", "out", None, "size"))
    assert kept == (None, None, None, "size")


def test_37_memory_layout():
    x = torch.arange(12.0).view(3, 4)
    assert x.stride() == (4, 1) and x.is_contiguous()
    for shared in (x.view(2, 6), x.t(), x[1:], x[:, 2]):
        shared[0] = -1.0
        assert (x == -1).any()
        x.copy_(torch.arange(12.0).view(3, 4))
    assert x.t().stride() == (1, 4) and not x.t().is_contiguous()
    with pytest.raises(RuntimeError, match=r"\.contiguous\(\)") as caught:
        x.t().view(12)
    assert ".reshape(" in str(caught.value)
    assert x.t().contiguous().view(12).tolist() == x.t().reshape(12).tolist()
    images = torch.arange(2 * 3 * 4 * 5.0).view(2, 3, 4, 5)
    per_channel = images.permute(1, 0, 2, 3).reshape(3, -1).max(dim=1).values
    assert per_channel.tolist() == images.numpy().max(axis=(0, 2, 3)).tolist()
    last = images.permute(0, 2, 3, 1)  # NHWC, a view
    assert last.shape == (2, 4, 5, 3) and last.stride() == (60, 5, 1, 20)
    assert last.data_ptr() == images.data_ptr()
