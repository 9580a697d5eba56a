"""Functions of `nn.functional` that torch also has at the top, or as tensor methods.

`nn` is imported when one of them is first called, not before: `import chainrule` stays quick.
"""

from __future__ import annotations

import importlib
from typing import Any

from chainrule.functional.border import EXPORTS
from chainrule.tensor import Tensor

SAME = (
    "relu", "relu_", "prelu", "rrelu", "rrelu_", "selu", "selu_", "celu", "celu_", "threshold",
    "threshold_", "hardshrink", "bilinear", "conv1d", "conv2d", "conv3d", "conv_transpose1d",
    "conv_transpose2d", "conv_transpose3d", "max_pool1d", "max_pool2d", "max_pool3d",
    "max_pool1d_with_indices", "avg_pool1d", "adaptive_avg_pool1d", "layer_norm", "group_norm",
    "rms_norm", "cosine_similarity", "pairwise_distance", "pdist", "pixel_shuffle",
    "pixel_unshuffle", "channel_shuffle",
)  # fmt: skip
METHODS = ("relu", "relu_", "prelu", "hardshrink")
NATIVE = ("native_layer_norm", "native_batch_norm", "native_group_norm")


def later(name: str, module: str = "chainrule.nn.functional") -> Any:
    """A function that imports `module` when it is called, and calls its `name`."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"The same as `{module.replace('chainrule', 'torch')}.{name}`; see there."
    return call


for _name in SAME:
    EXPORTS.setdefault(_name, later(_name))
for _name in NATIVE:
    EXPORTS[_name] = later(_name, "chainrule.nn.functional.normalization")
for _name in METHODS:
    if not hasattr(Tensor, _name):
        setattr(Tensor, _name, EXPORTS[_name])


def dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """`nn.functional.dropout` without defaults.

    >>> import chainrule as torch
    >>> torch.dropout(torch.ones(2), 0.5, train=False)
    tensor([1., 1.])
    """
    return later("dropout")(input, p, train)


def dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """`dropout`, written into `input`.

    >>> import chainrule as torch
    >>> torch.dropout_(torch.ones(2), 0.5, train=False)
    tensor([1., 1.])
    """
    return later("dropout")(input, p, train, True)


def alpha_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """`nn.functional.alpha_dropout` without defaults.

    >>> import chainrule as torch
    >>> torch.alpha_dropout(torch.ones(2), 0.5, train=False)
    tensor([1., 1.])
    """
    return later("alpha_dropout")(input, p, train)


def feature_alpha_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """`nn.functional.feature_alpha_dropout` without defaults.

    >>> import chainrule as torch
    >>> torch.feature_alpha_dropout(torch.ones(1, 2), 0.5, train=False)
    tensor([[1., 1.]])
    """
    return later("feature_alpha_dropout")(input, p, train)


def embedding(
    weight: Tensor, indices: Tensor, padding_idx: int = -1, scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:  # fmt: skip
    """`nn.functional.embedding` with the table first; padding_idx -1 is none.

    >>> import chainrule as torch
    >>> torch.embedding(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1]))
    tensor([[3., 4.]])
    """
    padding = None if padding_idx < 0 else padding_idx
    return later("embedding")(indices, weight, padding, None, 2.0, scale_grad_by_freq, sparse)


def batch_norm(
    input: Tensor, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool,
    momentum: float, eps: float, cudnn_enabled: bool,
) -> Tensor:  # fmt: skip
    """`nn.functional.batch_norm` with weight and bias before the running statistics.

    >>> import chainrule as torch
    >>> x = torch.tensor([[1.], [3.]])
    >>> torch.batch_norm(x, None, None, None, None, True, 0.1, 0., False).flatten()
    tensor([-1.,  1.])
    """
    return later("batch_norm")(
        input, running_mean, running_var, weight, bias, training, momentum, eps
    )


def instance_norm(
    input: Tensor, weight: Any, bias: Any, running_mean: Any, running_var: Any,
    use_input_stats: bool, momentum: float, eps: float, cudnn_enabled: bool,
) -> Tensor:  # fmt: skip
    """`nn.functional.instance_norm` with weight and bias before the running statistics.

    >>> import chainrule as torch
    >>> x = torch.tensor([[[1., 3.]]])
    >>> torch.instance_norm(x, None, None, None, None, True, 0.1, 0., False).flatten()
    tensor([-1.,  1.])
    """
    return later("instance_norm")(
        input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps
    )


for _function in (dropout, dropout_, alpha_dropout, feature_alpha_dropout, embedding, batch_norm,
                  instance_norm):  # fmt: skip
    EXPORTS[_function.__name__] = _function
