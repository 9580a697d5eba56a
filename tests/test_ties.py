"""The order in which equal elements come out of selection and sorting."""

import numpy as np

import chainrule as torch
from chainrule.backend import selection


def test_ties_come_out_of_sort_as_the_cpp_library_leaves_them():
    x = torch.tensor([1, 2, 1, 1, 1, 2, 1, 1, 1, 2, 0, 1, 1, 1, 0, 0, 2, 2, 2, 2])
    order = [10, 14, 15, 0, 2, 3, 4, 6, 7, 8, 11, 12, 13, 19, 18, 17, 16, 9, 5, 1]  # of torch
    assert torch.sort(x).indices.tolist() == order
    assert (
        torch.sort(x, stable=True).indices.tolist() == np.argsort(x.numpy(), kind="stable").tolist()
    )


def test_the_selection_is_a_selection_whatever_the_line():
    random = np.random.RandomState(0)
    for n in (1, 2, 3, 17, 100, 300):
        for most in (2, 10, 1000):
            line = random.randint(0, most, n).tolist()
            places = selection.sorted_places(line, lambda a, b: a < b)
            assert sorted(places) == list(range(n))
            assert [line[i] for i in places] == sorted(line)
            for k in {1, max(1, n // 80), n // 2 or 1, n}:
                top = selection.top_places(line, k, lambda a, b: a > b)
                assert len(set(top)) == k
                assert [line[i] for i in top] == sorted(line, reverse=True)[:k]


def test_topk_of_a_sorted_or_reversed_line_ends_in_the_heap():
    line = list(range(5000)) + list(range(5000, 0, -1))
    assert selection.top_places(line, 3, lambda a, b: a > b)[0] == 5000
