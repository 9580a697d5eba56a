"""Which functions give views, which copies; strides, offsets and shared memory as in torch."""

import warnings

import pytest

import chainrule as torch


def x23():
    return torch.arange(6.0).reshape(2, 3)


def shares(a, b):
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


VIEWS = {
    "an int": lambda x: x[1],
    "a negative int": lambda x: x[-1],
    "slices": lambda x: x[:, ::2],
    "None": lambda x: x[None],
    "Ellipsis": lambda x: x[...],
    "an empty tuple": lambda x: x[()],
    "ints down to one element": lambda x: x[1, 2],
    "a 0-d index tensor": lambda x: x[torch.tensor(1)],
    "view": lambda x: x.view(3, 2),
    "reshape of contiguous memory": lambda x: x.reshape(3, 2),
    "flatten of contiguous memory": lambda x: x.flatten(),
    "ravel of contiguous memory": lambda x: x.ravel(),
    "unflatten": lambda x: x.unflatten(1, (3, 1)),
    "squeeze": lambda x: x.squeeze(),
    "unsqueeze": lambda x: x.unsqueeze(0),
    "transpose": lambda x: x.transpose(0, 1),
    "t": lambda x: x.t(),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "permute": lambda x: x.permute(1, 0),
    "movedim": lambda x: x.movedim(0, 1),
    "expand": lambda x: x.expand(4, 2, 3),
    "broadcast_to": lambda x: torch.broadcast_to(x, (4, 2, 3)),
    "narrow": lambda x: x.narrow(1, 1, 2),
    "select": lambda x: x.select(0, 1),
    "split": lambda x: x.split(1)[1],
    "chunk": lambda x: x.chunk(2, 1)[1],
    "unbind": lambda x: x.unbind(1)[2],
    "tensor_split": lambda x: x.tensor_split(2)[1],
    "iteration": lambda x: list(x)[1],
    "diagonal": lambda x: x.diagonal(),
    "unfold": lambda x: x.unfold(1, 2, 1),
    "as_strided": lambda x: x.as_strided((2,), (3,), 1),
    "detach": lambda x: x.detach(),
    "view as another dtype": lambda x: x.view(torch.int32),
    "atleast_3d": lambda x: torch.atleast_3d(x),
}
COPIES = {
    "a mask": lambda x: x[x > 2],
    "a list": lambda x: x[[0, 1]],
    "an index tensor": lambda x: x[torch.tensor([0])],
    "True": lambda x: x[True],
    "reshape of transposed memory": lambda x: x.t().reshape(6),
    "flatten of transposed memory": lambda x: x.t().flatten(),
    "contiguous of transposed memory": lambda x: x.t().contiguous(),
    "flip": lambda x: x.flip(0),
    "roll": lambda x: x.roll(1),
    "repeat": lambda x: x.repeat(1, 1),
    "tile": lambda x: x.tile(1),
    "cat of one": lambda x: torch.cat([x]),
    "diag of a matrix": lambda x: x.diag(),
    "tril": lambda x: x.tril(),
    "view_copy": lambda x: torch.view_copy(x, (6,)),
    "select_scatter": lambda x: x.select_scatter(torch.zeros(3), 0, 0),
    "clone": lambda x: x.clone(),
    "index_select": lambda x: x.index_select(0, torch.tensor([0])),
    "gather": lambda x: x.gather(0, torch.tensor([[0]])),
}


@pytest.mark.parametrize("how", VIEWS)
def test_is_a_view_that_shares_memory(how):
    x = x23()
    v = VIEWS[how](x)
    assert shares(v, x)
    assert v._is_view() or how in ("detach", "view as another dtype")


@pytest.mark.parametrize("how", COPIES)
def test_is_a_copy_with_memory_of_its_own(how):
    x = x23()
    c = COPIES[how](x)
    assert not shares(c, x)
    c.zero_()
    assert x.tolist() == x23().tolist()


@pytest.mark.parametrize("how", VIEWS)
def test_a_write_through_the_view_is_recorded_on_the_base(how):
    if how in ("detach", "view as another dtype"):
        return
    x = x23().requires_grad_()
    y = x * 1
    v = VIEWS[how](y)
    if 0 in v.stride() or how == "unfold":
        return  # elements share memory
    v.mul_(3)
    y.sum().backward()
    again = VIEWS[how](torch.arange(6).reshape(2, 3))
    touched = {int(i) for i in again.reshape(-1).tolist()}
    assert x.grad.reshape(-1).tolist() == [3.0 if i in touched else 1.0 for i in range(6)]


def test_nothing_to_do_returns_the_tensor_itself():
    x = x23()
    assert x.contiguous() is x
    assert x.flatten(0, 0) is x
    assert torch.ones(3).ravel().shape == (3,)
    assert x.sum_to_size(2, 3) is x


def test_strides_and_offsets_are_torchs():
    x = torch.arange(24).reshape(2, 3, 4)
    assert x.stride() == (12, 4, 1)
    assert x.permute(2, 0, 1).stride() == (1, 12, 4)
    assert x[1, :, ::2].stride() == (4, 2)
    assert x[1, :, ::2].storage_offset() == 12
    assert x[:, 1:].storage_offset() == 4
    assert x.expand(5, 2, 3, 4).stride() == (0, 12, 4, 1)
    assert x.diagonal().stride() == (1, 16)
    assert x.unfold(2, 2, 2).stride() == (12, 4, 2, 1)
    assert x.transpose(0, 2).is_contiguous() is False
    assert x.transpose(0, 2).contiguous().stride() == (6, 2, 1)


def test_a_view_that_cannot_be_made_says_why():
    x = torch.zeros(2, 3, 4).permute(0, 2, 1)
    with pytest.raises(RuntimeError, match="not compatible") as caught:
        x.view(2, 12)
    assert "axes 1 and 2 do not follow each other" in str(caught.value)
    assert ".reshape()" in str(caught.value)
    assert x.view(2, 2, 2, 3).shape == (2, 2, 2, 3)  # an axis may be cut


def test_separated_index_tensors_put_their_dimensions_first():
    y = torch.arange(24).reshape(2, 3, 4)
    i = torch.tensor([0, 1])
    assert y[i, :, i].shape == (2, 3)
    assert y[0, :, i].shape == (3, 2)  # the int is taken first: it separates nothing
    assert y[:, None, i, i].shape == (2, 1, 2)
    assert y[i, None, i].shape == (2, 1, 4)
    assert y[True, :, i].shape == (2, 2, 4)
    assert y[torch.tensor(0), :, i].shape == (3, 2)


def test_lists_of_sequences_are_read_as_tuples_with_a_warning():
    x = torch.arange(12).reshape(3, 4)
    with pytest.warns(UserWarning, match="read as a tuple"):
        assert x[[[0, 1], [1, 2]]].tolist() == [1, 6]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert x[[0, 1]].shape == (2, 4)


def test_len_iteration_and_membership():
    x = x23()
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[0, 1, 2], [3, 4, 5]]
    assert 5 in x
    assert 7 not in x
    assert torch.tensor(3.0) in x
    with pytest.raises(TypeError, match="0-d"):
        len(torch.tensor(1.0))
    with pytest.raises(TypeError, match="iteration over a 0-d tensor"):
        iter(torch.tensor(1.0))
    with pytest.raises(RuntimeError, match="only supports Tensor or scalar"):
        assert "a" in x


def test_the_gradient_of_many_parts_costs_one_pass():
    x = torch.ones(1000, 4, requires_grad=True)
    total = sum((row * k).sum() for k, row in enumerate(x) if k % 2)
    total.backward()
    assert x.grad[:4].tolist() == [[0.0] * 4, [1.0] * 4, [0.0] * 4, [3.0] * 4]


def test_repeated_rows_add_up_in_the_gradient():
    weight = torch.zeros(5, 3, requires_grad=True)
    i = torch.tensor([[0, 2, 2], [2, 4, -1]])
    weight[i].sum().backward()
    assert weight.grad[:, 0].tolist() == [1, 0, 3, 0, 2]


def test_resize_keeps_memory_when_it_fits():
    x = torch.arange(6)
    start = x.data_ptr()
    assert x.resize_(2, 2).tolist() == [[0, 1], [2, 3]]
    assert x.data_ptr() == start
    assert x.resize_(6).tolist() == [0, 1, 2, 3, 4, 5]
    assert x.resize_(9)[:6].tolist() == [0, 1, 2, 3, 4, 5]
    with pytest.raises(RuntimeError, match="cannot resize variables that require grad"):
        torch.zeros(2, requires_grad=True).resize_(3)


def test_reading_bytes_as_another_dtype():
    x = torch.tensor([1.0, -2.0])
    assert x.view(torch.int32).tolist() == [1065353216, -1073741824]
    assert x.view(torch.uint8).shape == (8,)
    with pytest.raises(RuntimeError, match="must be divisible by 2 to view Float as Double"):
        torch.zeros(3).view(torch.float64)
