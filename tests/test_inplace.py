"""Writing into tensors: what happens to the graph, to views and to version counters.

Expected values are torch's (2.13), recorded by running the same lines.
"""

import pytest

import chainrule as torch
from chainrule.errors import GraphError, OverwrittenError


def leaf(*shape):
    n = 1
    for s in shape:
        n *= s
    return torch.arange(float(n)).reshape(*shape).clone().requires_grad_()


def flat(x):
    return x.detach().reshape(-1).tolist()


def test_writing_a_base_changes_what_its_live_view_means_to_backward():
    x = leaf(4)
    y = x * 2
    v = y[1:3]
    y.mul_(3)
    (v * v).sum().backward()
    assert flat(x.grad) == [0, 72, 144, 0]
    assert (y._version, v._version) == (1, 1)


def test_writing_a_view_changes_its_base():
    x = leaf(4)
    y = x * 2
    y[1:3].mul_(5)
    (y * y).sum().backward()
    assert flat(y) == [0, 10, 20, 6]
    assert flat(x.grad) == [0, 200, 400, 24]


def test_writes_through_chained_views_all_arrive():
    x = leaf(2, 3)
    y = x * 1
    v = y.t()[1]
    u = y.view(-1)[::2]
    v.add_(10)
    u.mul_(2)
    (y * y).sum().backward()
    assert flat(y) == [0, 11, 4, 3, 28, 5]
    assert flat(v) == [11, 28]
    assert flat(x.grad) == [0, 22, 16, 6, 112, 10]


def test_assigning_a_column_cuts_its_old_gradient_and_opens_that_of_the_value():
    x, z = leaf(2, 3), torch.ones(2, requires_grad=True)
    y = x * 1
    y[:, 1] = z
    (y * y).sum().backward()
    assert flat(x.grad) == [0, 0, 4, 6, 0, 10]
    assert flat(z.grad) == [2, 2]
    assert y._version == 1


def test_assigning_at_a_mask_and_at_index_tensors():
    x, z = leaf(2, 3), torch.ones(2, requires_grad=True)
    y = x * 1
    y[y > 3] = z
    (y * y).sum().backward()
    assert flat(x.grad) == [0, 2, 4, 6, 0, 0]
    assert flat(z.grad) == [2, 2]
    x = leaf(3)
    y = x * 1
    y[torch.tensor(1)] = 5
    y[torch.tensor([0])] = torch.tensor([2.0])
    (y * y).sum().backward()
    assert flat(y) == [2, 5, 2]
    assert flat(x.grad) == [0, 0, 4]


def test_assigning_rows_to_rows_of_the_same_tensor():
    x = leaf(4)
    y = (x * 1).view(2, 2)
    y[0] = y[1] * 2
    (y * y).sum().backward()
    assert flat(y) == [4, 6, 2, 3]
    assert flat(x.grad) == [0, 0, 20, 30]


def test_assigning_into_a_tensor_without_gradient_gives_it_a_graph():
    x = torch.zeros(3)
    x[1:] = torch.ones(2, requires_grad=True) * 3
    assert x.requires_grad
    assert not x.is_leaf
    assert "CopySlices" in repr(x.grad_fn)


def test_index_put_accumulates_repeated_indices():
    x = leaf(2, 2)
    y = x * 1
    i, j = torch.tensor([0, 0]), torch.tensor([1, 1])
    y.index_put_((i, j), torch.tensor([1.0, 2.0]), accumulate=True)
    (y * y).sum().backward()
    assert flat(y) == [0, 4, 2, 3]
    assert flat(x.grad) == [0, 8, 4, 6]


def test_writes_through_diagonals_and_strides():
    x = leaf(2, 2)
    y = x * 1
    y.diagonal().mul_(2)
    y.diagonal()[:] = torch.tensor([5.0, 6.0])
    (y * y).sum().backward()
    assert flat(y) == [5, 1, 2, 6]
    assert flat(x.grad) == [0, 2, 4, 0]
    x = leaf(2, 2)
    y = x * 1
    y.as_strided((2,), (3,)).mul_(2)
    (y * y).sum().backward()
    assert flat(x.grad) == [0, 2, 4, 24]


def test_augmented_assignment_keeps_the_object():
    x = leaf(3)
    y = x * 2
    same = y
    y += 1
    y -= 0.5
    y /= 2
    y.sum().backward()
    assert y is same
    assert flat(x.grad) == [1, 1, 1]


@pytest.mark.parametrize(
    "write",
    [
        lambda x: x.add_(1),
        lambda x: x.zero_(),
        lambda x: x.__setitem__(0, 1.0),
        lambda x: x.__setitem__(x > 0, 1.0),
        lambda x: x.view(3).add_(1),
        lambda x: x[1:].zero_(),
        lambda x: x.copy_(torch.zeros(3)),
        lambda x: x.unsqueeze_(0),
    ],
)
def test_a_leaf_or_a_view_of_one_cannot_be_written_while_recording(write):
    x = leaf(3)
    with pytest.raises(GraphError, match="leaf Variable that requires grad is being used in an in"):
        write(x)
    assert flat(x) == [0, 1, 2]
    assert x._version == 0


def test_a_leaf_can_be_written_under_no_grad():
    x = leaf(3)
    with torch.no_grad():
        x[0] = 5.0
        x.add_(1)
    assert flat(x) == [6, 2, 3]
    assert x.is_leaf
    assert x._version == 2


def test_a_write_under_no_grad_leaves_the_graph_as_it_was():
    x = leaf(3)
    y = x * 2
    with torch.no_grad():
        y[0] = 7
    (y * 3).sum().backward()
    assert flat(x.grad) == [6, 6, 6]


def test_a_view_made_under_no_grad_cannot_be_written_outside():
    y = leaf(3) * 2
    with torch.no_grad():
        v = y[0:2]
    with pytest.raises(GraphError, match="A view was created in no_grad mode"):
        v.add_(1)


def test_shared_elements_cannot_be_written():
    x = torch.zeros(1, 3).expand(2, 3)
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor"):
        x.add_(1)
    with pytest.raises(RuntimeError, match=r"clone\(\) the tensor"):
        x[:, 0] = 1
    x[0] = 1  # one row alone shares nothing
    assert flat(x) == [1] * 6


def test_overwriting_a_saved_value_is_an_error():
    y = leaf(3) * 2
    z = y * y
    y.add_(1)
    with pytest.raises(OverwrittenError, match="modified by an inplace operation"):
        z.sum().backward()
    y = leaf(3).clone()
    h = y.sin()
    y[0] = 1.0
    with pytest.raises(OverwrittenError, match="modified by an inplace operation"):
        h.sum().backward()
    y = leaf(3).exp()  # its rule reads its output
    y.add_(1)
    with pytest.raises(OverwrittenError, match="modified by an inplace operation"):
        y.sum().backward()


def test_a_write_through_detach_is_seen_and_one_through_data_is_not():
    y = leaf(3) * 2
    z = y * y
    y.detach().add_(1)
    with pytest.raises(OverwrittenError):
        z.sum().backward()
    x = leaf(3)
    y = x * 2
    z = y * y
    y.data.add_(1)
    with torch.no_grad():
        y.data.view(3)[0:1].add_(1)
    z.sum().backward()
    assert flat(x.grad) == [8, 12, 20]


def test_detach_shares_the_version_counter():
    x = leaf(3)
    d = x.detach()
    x.data.zero_()
    assert d._version == 0
    d.add_(1)
    assert (d._version, x._version) == (1, 1)


def test_copy_converts_dtypes_and_broadcasts():
    assert flat(torch.zeros(3).copy_(torch.tensor([1, 2, 3]))) == [1, 2, 3]
    ints = torch.zeros(3, dtype=torch.int64).copy_(torch.tensor([1.7, 2.2, -3.9]))
    assert ints.tolist() == [1, 2, -3]
    x = leaf(3)
    y = torch.zeros(2, 3).copy_(x)
    y.sum().backward()
    assert flat(x.grad) == [2, 2, 2]


def test_filling_cuts_the_graph_and_a_tensor_value_opens_one():
    x = leaf(3)
    y = x * 2
    y.zero_()
    y.sum().backward()
    assert flat(x.grad) == [0, 0, 0]
    x = leaf(3)
    y = x * 2
    y[0:2].zero_()
    (y * y).sum().backward()
    assert flat(x.grad) == [0, 0, 16]
    value = torch.ones((), requires_grad=True)
    torch.zeros(3).fill_(value).sum().backward()
    assert flat(value.grad) == [3]


def test_shape_methods_in_place_keep_views_connected():
    x = leaf(4)
    y = x * 1
    v = y[1:]
    y.unsqueeze_(0)
    v.mul_(3)
    (y * y).sum().backward()
    assert y.shape == (1, 4)
    assert flat(y) == [0, 3, 6, 9]
    assert flat(x.grad) == [0, 18, 36, 54]


def test_an_in_place_operation_cannot_change_shape_or_category():
    with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
        torch.zeros(2).add_(torch.zeros(3, 2))
    with pytest.raises(RuntimeError, match="can't be cast"):
        torch.tensor([1, 2]).div_(2)


def test_writes_count_in_second_derivatives():
    x = leaf(3)
    y = x * 1
    (g,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
    g.add_(x)
    (h,) = torch.autograd.grad(g.sum(), x)
    assert flat(h) == [3, 3, 3]


def test_a_chain_of_many_writes_needs_no_recursion():
    x = torch.ones(2, requires_grad=True)
    y = x * 1
    for i in range(3000):
        y[i % 2] = y[(i + 1) % 2] * 1.0
    y.sum().backward()
    assert flat(x.grad) == [0, 2]


def test_a_number_that_the_dtype_cannot_hold_is_refused():
    x = torch.zeros(2, dtype=torch.uint8)
    x[0] = -1  # wraps, as in torch
    assert x.tolist() == [255, 0]
    with pytest.raises(RuntimeError, match="without overflow"):
        x[0] = 300
    with pytest.raises(RuntimeError, match="without overflow"):
        x.fill_(300)
    with pytest.raises(RuntimeError, match="without overflow"):
        torch.zeros(2)[0] = 1j


def test_forms_at_the_top_write_too():
    x = leaf(3)
    y = x * 2
    assert torch.fill_(torch.zeros(2), 3).tolist() == [3, 3]
    assert torch.zero_(y) is y and flat(y) == [0, 0, 0]
    assert torch.detach_(y) is y and not y.requires_grad
    assert not torch.detach(x * 2).requires_grad
    assert torch.resize_as_(torch.tensor([1, 2, 3]), torch.zeros(2)).tolist() == [1, 2]


def test_in_place_forms_of_what_changes_nothing_keep_the_graph():
    x = leaf(3)
    y = x * 2
    y.conj_physical_().sum().backward()
    assert flat(x.grad) == [2, 2, 2]
    assert torch.tensor([1, 2]).floor_().tolist() == [1, 2]
