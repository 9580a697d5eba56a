"""The C++ library's selection and sorting, for the one question that NumPy answers differently:
in which order equal elements come out.

torch on the CPU calls std::nth_element, std::partial_sort and std::sort, which are not stable but
deterministic.  This is their course (as in libstdc++) over a Python list of places; it is run on
lines with ties only, and on not more than `MOST` elements.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Before = Callable[[int, int], bool]
MOST = 200_000  # elements to select from: Python takes about 0.3 us for each comparison
MANY = 10_000  # elements to sort, which takes more comparisons
SHORT = 16  # pieces below this are left to insertion


def top_places(line: list[Any], k: int, before: Callable[[Any, Any], bool]) -> list[int]:
    """The places of the first k elements, as torch.topk finds them."""
    n = len(line)
    q = list(range(n))

    def less(a: int, b: int) -> bool:
        return before(line[a], line[b])

    if k * 64 <= n:
        partial_sort(q, 0, k, n, less)
    else:
        nth_element(q, 0, k - 1, n, less)
        sort(q, 0, k - 1, less)
    return q[:k]


def sorted_places(line: list[Any], before: Callable[[Any, Any], bool]) -> list[int]:
    """The places of all elements in order, as std::sort leaves them."""
    q = list(range(len(line)))
    sort(q, 0, len(q), lambda a, b: before(line[a], line[b]))
    return q


def depth(n: int) -> int:
    return 2 * max(n.bit_length() - 1, 0)


def nth_element(q: list[int], first: int, nth: int, last: int, less: Before) -> None:
    if first == last or nth == last:
        return
    left = depth(last - first)
    while last - first > 3:
        if left == 0:
            heap_select(q, first, nth + 1, last, less)
            q[first], q[nth] = q[nth], q[first]
            return
        left -= 1
        cut = partition(q, first, last, less)
        if cut <= nth:
            first = cut
        else:
            last = cut
    insertion(q, first, last, less)


def sort(q: list[int], first: int, last: int, less: Before) -> None:
    if first == last:
        return
    pieces = [(first, last, depth(last - first))]
    while pieces:
        a, b, left = pieces.pop()
        while b - a > SHORT:
            if left == 0:
                partial_sort(q, a, b, b, less)
                break
            left -= 1
            cut = partition(q, a, b, less)
            pieces.append((cut, b, left))
            b = cut
    insertion(q, first, last, less)


def partition(q: list[int], first: int, last: int, less: Before) -> int:
    """Hoare's, around the median of the second, middle and last element."""
    a, b, c = first + 1, first + (last - first) // 2, last - 1
    if less(q[a], q[b]):
        best = b if less(q[b], q[c]) else c if less(q[a], q[c]) else a
    else:
        best = a if less(q[a], q[c]) else c if less(q[b], q[c]) else b
    q[first], q[best] = q[best], q[first]
    pivot, i, j = q[first], first + 1, last
    while True:
        while less(q[i], pivot):
            i += 1
        j -= 1
        while less(pivot, q[j]):
            j -= 1
        if not i < j:
            return i
        q[i], q[j] = q[j], q[i]
        i += 1


def insertion(q: list[int], first: int, last: int, less: Before) -> None:
    for i in range(first + 1, last):
        value = q[i]
        j = i
        while j > first and less(value, q[j - 1]):
            q[j] = q[j - 1]
            j -= 1
        q[j] = value


def partial_sort(q: list[int], first: int, middle: int, last: int, less: Before) -> None:
    heap_select(q, first, middle, last, less)
    while middle - first > 1:
        middle -= 1
        pop_heap(q, first, middle, middle, less)


def heap_select(q: list[int], first: int, middle: int, last: int, less: Before) -> None:
    size = middle - first
    for parent in range((size - 2) // 2, -1, -1):
        sift(q, first, parent, size, q[first + parent], less)
    for i in range(middle, last):
        if less(q[i], q[first]):
            pop_heap(q, first, middle, i, less)


def pop_heap(q: list[int], first: int, last: int, result: int, less: Before) -> None:
    value, q[result] = q[result], q[first]
    sift(q, first, 0, last - first, value, less)


def sift(q: list[int], first: int, hole: int, size: int, value: int, less: Before) -> None:
    """Let the hole sink to a leaf, then `value` rise from there."""
    top = child = hole
    while child < (size - 1) // 2:
        child = 2 * (child + 1)
        if less(q[first + child], q[first + child - 1]):
            child -= 1
        q[first + hole] = q[first + child]
        hole = child
    if size % 2 == 0 and child == (size - 2) // 2:
        child = 2 * (child + 1)
        q[first + hole] = q[first + child - 1]
        hole = child - 1
    parent = (hole - 1) // 2
    while hole > top and less(q[first + parent], value):
        q[first + hole] = q[first + parent]
        hole = parent
        parent = (hole - 1) // 2
    q[first + hole] = value
