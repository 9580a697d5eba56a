"""`torch.masked`: reductions and normalisations that leave masked-out elements out.

A mask is a boolean tensor, True where an element counts; it broadcasts to the input.

>>> import chainrule as torch
>>> x, mask = torch.tensor([1., 2., 100.]), torch.tensor([True, True, False])
>>> torch.masked.mean(x, mask=mask)
tensor(1.5000)
>>> torch.masked.softmax(x, 0, mask=mask)
tensor([0.2689, 0.7311, 0.0000])
"""

from chainrule.masked.normalizations import (
    cumprod,
    cumsum,
    log_softmax,
    normalize,
    softmax,
    softmin,
)
from chainrule.masked.reductions import (
    amax,
    amin,
    argmax,
    argmin,
    logaddexp,
    logsumexp,
    mean,
    median,
    norm,
    prod,
    std,
    sum,
    var,
)

__all__ = [
    "amax",
    "amin",
    "argmax",
    "argmin",
    "cumprod",
    "cumsum",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "mean",
    "median",
    "norm",
    "normalize",
    "prod",
    "softmax",
    "softmin",
    "std",
    "sum",
    "var",
]
