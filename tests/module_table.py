"""The module table: every layer and loss, with constructors and inputs that drive all checks.

Each row is one construction and one call.  `run` gives everything worth comparing between
chainrule and torch: repr, state_dict keys, initial weights from a seed, output, gradients and
buffers in training and in evaluation mode.
"""

from __future__ import annotations

import dataclasses
import zlib
from typing import Any

import numpy as np


@dataclasses.dataclass
class Row:
    """One module: `name(*args, **kwargs)` called on `inputs`.

    Attributes:
        inputs: float arrays get gradients, unless they stand in `fixed` (by position).
        random: outputs in training mode depend on random numbers.
    """

    name: str
    args: tuple[Any, ...]
    inputs: tuple[Any, ...]
    kwargs: dict[str, Any] = dataclasses.field(default_factory=dict)
    fixed: tuple[int, ...] = ()
    random: bool = False
    key: str = ""


def uniform(*shape: int, low: float = -2, high: float = 2) -> np.ndarray:
    seed = zlib.crc32(repr((shape, low, high)).encode())
    return np.random.RandomState(seed & 0x7FFFFFFF).uniform(low, high, shape).astype(np.float32)


def labels(*values: Any) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def signs(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


ROWS: list[Row] = []


def row(
    name: str, *args: Any, on: Any, fixed: Any = (), random: bool = False, **kwargs: Any
) -> None:
    inputs = on if isinstance(on, tuple) else (on,)
    n = sum(r.name == name for r in ROWS)
    ROWS.append(Row(name, args, inputs, kwargs, tuple(fixed), random, f"{name}.{n}"))


X = uniform(3, 4)
for simple in ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardsigmoid", "Hardswish", "LeakyReLU",
               "PReLU", "ELU", "CELU", "GELU", "Softplus", "Softshrink", "Hardshrink", "Hardtanh",
               "Sigmoid", "Tanh", "LogSigmoid", "Softsign", "Tanhshrink", "GLU",
               "Identity", "Flatten"):  # fmt: skip
    row(simple, on=X)
row("LeakyReLU", 0.2, on=X)
row("PReLU", 4, 0.1, on=X)
row("RReLU", 0.1, 0.3, on=X, random=True)
row("ELU", 0.5, on=X)
row("CELU", 2.0, on=X)
row("GELU", "tanh", on=X)
row("Softplus", 2.0, 1.0, on=X)
row("Hardtanh", -0.5, 1.5, on=X)
row("Threshold", 0.1, 20.0, on=X)
for simple in ("Softmax", "LogSoftmax", "Softmin"):
    row(simple, 1, on=X)
    row(simple, dim=0, on=X)
row("Softmax2d", on=uniform(2, 3, 2, 2))
row("GLU", 0, on=uniform(4, 3))

row("Linear", 4, 3, on=X)
row("Linear", 4, 3, bias=False, on=uniform(2, 3, 4))
row("Linear", 4, 1, on=uniform(4))
row("Bilinear", 4, 2, 3, on=(X, uniform(3, 2)))
row("Flatten", 0, 1, on=uniform(2, 3, 4))
row("Unflatten", 1, (2, 2), on=X)
row("Embedding", 5, 3, on=labels([1, 2], [4, 1]))
row("Embedding", 5, 3, padding_idx=1, on=labels(1, 0, 1))
row("EmbeddingBag", 5, 3, on=labels([1, 2], [4, 1]))
row("EmbeddingBag", 5, 3, mode="sum", on=(labels(1, 2, 4), labels(0, 2)))
for name in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout",
             "FeatureAlphaDropout"):  # fmt: skip
    row(name, 0.4, on=uniform(2, 3, 2, 2, 2) if name == "Dropout3d" else
        uniform(2, 3, 2, 2) if name == "Dropout2d" else uniform(2, 3, 4), random=True)  # fmt: skip

row("BatchNorm1d", 4, on=X)
row("BatchNorm1d", 3, momentum=None, on=uniform(2, 3, 4))
row("BatchNorm1d", 4, affine=False, track_running_stats=False, on=X)
row("BatchNorm1d", 4, bias=False, eps=1e-3, on=X)
row("BatchNorm2d", 3, on=uniform(2, 3, 2, 2))
row("BatchNorm3d", 2, on=uniform(2, 2, 2, 2, 2))
row("InstanceNorm1d", 3, on=uniform(2, 3, 4))
row("InstanceNorm1d", 3, on=uniform(3, 4))
row("InstanceNorm2d", 3, affine=True, track_running_stats=True, on=uniform(2, 3, 2, 2))
row("InstanceNorm3d", 2, on=uniform(2, 2, 2, 2, 2))
row("LayerNorm", 4, on=X)
row("LayerNorm", (3, 4), bias=False, on=uniform(2, 3, 4))
row("LayerNorm", 4, elementwise_affine=False, on=X)
row("RMSNorm", 4, on=X)
row("RMSNorm", (4,), eps=0.1, elementwise_affine=False, on=X)
row("GroupNorm", 2, 4, on=uniform(2, 4, 3))
row("GroupNorm", 1, 4, affine=False, on=X)
row("LocalResponseNorm", 2, on=uniform(1, 4, 3, 3))

row("Conv1d", 2, 3, 3, on=uniform(2, 2, 6))
row("Conv1d", 2, 4, 2, stride=2, padding=1, groups=2, bias=False, on=uniform(2, 6))
row("Conv2d", 2, 3, 3, on=uniform(2, 2, 5, 4))
row("Conv2d", 2, 3, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2), on=uniform(1, 2, 5, 5))
row("Conv2d", 2, 2, 3, padding="same", padding_mode="reflect", on=uniform(1, 2, 4, 4))
row("Conv2d", 2, 2, 3, padding=1, padding_mode="circular", on=uniform(1, 2, 4, 4))
row("Conv2d", 4, 4, 1, groups=4, padding="valid", on=uniform(1, 4, 3, 3))
row("Conv3d", 1, 2, 2, on=uniform(1, 1, 3, 3, 3))
row("ConvTranspose1d", 2, 3, 3, stride=2, on=uniform(1, 2, 4))
row("ConvTranspose2d", 2, 4, 3, 2, 1, 1, 2, on=uniform(1, 2, 3, 3))
row("ConvTranspose2d", 2, 1, 2, dilation=2, bias=False, on=uniform(1, 2, 3, 3))
row("ConvTranspose3d", 1, 2, 2, on=uniform(1, 1, 2, 2, 2))

row("MaxPool1d", 2, on=uniform(2, 2, 6))
row("MaxPool2d", 2, on=uniform(1, 2, 4, 4))
row("MaxPool2d", 3, 1, 1, ceil_mode=True, on=uniform(1, 2, 4, 4))
row("MaxPool2d", 2, return_indices=True, on=uniform(1, 2, 4, 4))
row("MaxPool3d", 2, on=uniform(1, 1, 4, 4, 4))
row("MaxUnpool1d", 2, on=(uniform(1, 1, 2), labels([[1, 2]])))
row("MaxUnpool2d", 2, on=(uniform(1, 1, 1, 2), labels([[[1, 7]]])))
row("MaxUnpool3d", 2, on=(uniform(1, 1, 1, 1, 1), labels([[[[3]]]])))
row("AvgPool1d", 2, on=uniform(2, 2, 6))
row("AvgPool2d", 2, 1, 1, True, False, on=uniform(1, 2, 4, 4))
row("AvgPool2d", (2, 1), divisor_override=3, on=uniform(1, 2, 4, 4))
row("AvgPool3d", 2, on=uniform(1, 1, 4, 4, 4))
row("LPPool1d", 2, 3, on=uniform(1, 2, 6))
row("LPPool2d", 2, (3, 2), 1, on=uniform(1, 2, 4, 4))
row("LPPool3d", 3, 2, on=uniform(1, 1, 4, 4, 4, low=0.1))
for n in (1, 2, 3):
    for kind in ("AdaptiveAvgPool", "AdaptiveMaxPool"):
        row(f"{kind}{n}d", 2, on=uniform(1, 2, *(5,) * n))
row("AdaptiveAvgPool2d", (3, None), on=uniform(1, 2, 5, 4))
row("AdaptiveMaxPool2d", (3, None), return_indices=True, on=uniform(1, 2, 5, 4))
row("FractionalMaxPool2d", 2, output_ratio=0.7, on=uniform(1, 2, 5, 5))
row("FractionalMaxPool3d", (2, 1, 2), output_size=2, on=uniform(1, 1, 4, 4, 4))
row("Unfold", 2, on=uniform(1, 2, 3, 4))
row("Fold", (3, 4), 2, on=uniform(1, 8, 6))
row("PixelShuffle", 2, on=uniform(1, 4, 2, 2))
row("PixelUnshuffle", 2, on=uniform(1, 1, 4, 4))
row("ChannelShuffle", 2, on=uniform(1, 4, 2, 2))
row("Upsample", scale_factor=2, on=uniform(1, 2, 3, 3))
row("Upsample", size=(5, 4), mode="bilinear", on=uniform(1, 2, 3, 3))
row("Upsample", scale_factor=2, mode="bicubic", align_corners=True, on=uniform(1, 1, 3, 3))
row("Upsample", scale_factor=2, mode="linear", on=uniform(1, 2, 3))
row("UpsamplingNearest2d", scale_factor=2, on=uniform(1, 1, 2, 2))
row("UpsamplingBilinear2d", size=(4, 3), on=uniform(1, 1, 2, 2))
for n in (1, 2, 3):
    for kind in ("Circular", "Reflection", "Replication", "Zero"):
        row(f"{kind}Pad{n}d", 1, on=uniform(1, 2, *(3,) * n))
    row(f"ConstantPad{n}d", tuple(range(1, 2 * n + 1)), 2.5, on=uniform(1, 1, *(2,) * n))

SCORES, TARGET = uniform(3, 4), labels(1, 3, 0)
PROBABILITY = uniform(3, 4, low=0.1, high=0.9)
WEIGHT = uniform(4, low=0.5, high=1.5)
for loss in ("L1Loss", "MSELoss", "SmoothL1Loss", "HuberLoss"):
    for reduction in ("mean", "sum", "none"):
        row(loss, reduction=reduction, on=(SCORES, uniform(3, 4, low=-1)))
row("SmoothL1Loss", beta=0.5, on=(SCORES, uniform(3, 4, low=-1)))
row("HuberLoss", delta=0.5, on=(SCORES, uniform(3, 4, low=-1)))
row("MSELoss", size_average=False, on=(SCORES, uniform(3, 4, low=-1)))
for reduction in ("mean", "sum", "none"):
    row("CrossEntropyLoss", reduction=reduction, on=(SCORES, TARGET))
    row("NLLLoss", WEIGHT, reduction=reduction, on=(SCORES, TARGET))
row("CrossEntropyLoss", WEIGHT, label_smoothing=0.1, on=(SCORES, TARGET))
row("CrossEntropyLoss", ignore_index=3, on=(SCORES, TARGET))
row("CrossEntropyLoss", on=(SCORES, uniform(3, 4, low=0, high=0.5)))
row("CrossEntropyLoss", on=(uniform(2, 3, 2), labels([0, 2], [1, 1])))
row("LinearCrossEntropyLoss", 4, 3, on=(SCORES, labels(1, 2, 0)))
row("LinearCrossEntropyLoss", 4, 3, out_features=(2,), bias=True,
    on=(SCORES, labels([1, 2], [0, 0], [2, 1])))  # fmt: skip
row("BCELoss", on=(PROBABILITY, uniform(3, 4, low=0, high=1)), fixed=(1,))
row("BCEWithLogitsLoss", on=(SCORES, uniform(3, 4, low=0, high=1)))
row("BCEWithLogitsLoss", pos_weight=WEIGHT, on=(SCORES, uniform(3, 4, low=0, high=1)), fixed=(1,))
row("KLDivLoss", reduction="batchmean", on=(SCORES, PROBABILITY))
row("KLDivLoss", log_target=True, reduction="sum", on=(SCORES, PROBABILITY))
row("HingeEmbeddingLoss", on=(uniform(4), signs(1, -1, -1, 1)), fixed=(1,))
row("SoftMarginLoss", on=(uniform(4), signs(1, -1, -1, 1)), fixed=(1,))
row("MarginRankingLoss", 0.5, on=(uniform(4), uniform(4, low=-1), signs(1, -1, -1, 1)), fixed=(2,))
row("MultiMarginLoss", on=(SCORES, TARGET))
row("MultiMarginLoss", p=2, margin=0.5, weight=WEIGHT, on=(SCORES, TARGET))
row("MultiLabelMarginLoss", on=(SCORES, labels([3, 0, -1, 1], [1, -1, 0, 2], [0, 1, 2, 3])))
row("MultiLabelSoftMarginLoss", on=(SCORES, uniform(3, 4, low=0, high=1)), fixed=(1,))
row("CosineEmbeddingLoss", 0.1, on=(SCORES, uniform(3, 4, low=-1), signs(1, -1, 1)), fixed=(2,))
TRIPLET = (uniform(3, 4), uniform(3, 4, low=-1), uniform(3, 4, high=1))
row("TripletMarginLoss", on=TRIPLET)
row("TripletMarginLoss", margin=2.0, swap=True, reduction="sum", on=TRIPLET)
row("TripletMarginWithDistanceLoss", on=TRIPLET)
row("GaussianNLLLoss", on=(SCORES, uniform(3, 4, low=-1), uniform(3, 4, low=0.5)))
row("GaussianNLLLoss", full=True, reduction="none",
    on=(SCORES, uniform(3, 4, low=-1), uniform(3, 4, low=0.5)))  # fmt: skip
row("PoissonNLLLoss", on=(SCORES, uniform(3, 4, low=0)), fixed=(1,))
row(
    "PoissonNLLLoss", log_input=False, full=True, on=(PROBABILITY, uniform(3, 4, low=0)), fixed=(1,)
)
row("CTCLoss", on=(np.log(uniform(5, 2, 4, low=0.1, high=1)), labels([1, 2], [3, 3]),
                   labels(5, 4), labels(2, 2)))  # fmt: skip
row("CosineSimilarity", on=(X, uniform(3, 4, low=-1)))
row("PairwiseDistance", keepdim=True, on=(X, uniform(3, 4, low=-1)))

SEQUENCE = uniform(3, 2, 4)
for name in ("RNN", "LSTM", "GRU"):
    row(name, 4, 3, on=SEQUENCE)
    row(name, 4, 3, 2, bidirectional=True, batch_first=True, on=uniform(2, 3, 4))
    row(name, 4, 3, bias=False, on=uniform(3, 4))
    row(name, 4, 3, num_layers=3, dropout=0.4, on=uniform(2, 2, 4), random=True)
    row(f"{name}Cell", 4, 3, on=X)
    row(f"{name}Cell", 4, 2, bias=False, on=uniform(4))
row("RNN", 4, 3, 2, "relu", on=(SEQUENCE, uniform(2, 2, 3)))
row("RNNCell", 4, 3, nonlinearity="relu", on=(X, uniform(3, 3)))
row("GRU", 4, 3, on=(SEQUENCE, uniform(1, 2, 3)))
row("GRUCell", 4, 3, on=(X, uniform(3, 3)))
row("LSTM", 4, 3, 2, proj_size=2, on=SEQUENCE)
row("LSTM", 4, 3, bidirectional=True, proj_size=2, bias=False, on=SEQUENCE)

for n, dims in ((1, (5,)), (2, (4, 4)), (3, (3, 3, 3))):
    row(f"LazyConv{n}d", 2, 2, on=uniform(2, 3, *dims))
    row(f"LazyConvTranspose{n}d", 2, 2, stride=2, on=uniform(2, 3, *dims))
    row(f"LazyBatchNorm{n}d", on=uniform(2, 3, *dims))
    row(f"LazyInstanceNorm{n}d", affine=True, on=uniform(2, 3, *dims))
row("LazyLinear", 3, on=X)
row("LazyLinear", 3, bias=False, on=X)
row("SyncBatchNorm", 3, on=uniform(4, 3, 2))
row("CrossMapLRN2d", 5, 0.1, 0.5, 2.0, on=uniform(2, 2, 3, 3))
row("NLLLoss2d", on=(uniform(2, 3, 2, 2), labels([[0, 1], [2, 0]], [[1, 1], [2, 2]])))
row("AdaptiveLogSoftmaxWithLoss", 8, 12, [3, 6], div_value=2.0,
    on=(uniform(4, 8), labels(0, 4, 7, 11)))  # fmt: skip

Q, K, V = uniform(4, 3, 8), uniform(5, 3, 8), uniform(5, 3, 8, low=-1)
row("MultiheadAttention", 8, 2, on=(Q, K, V))
row("MultiheadAttention", 8, 4, bias=False, batch_first=True, on=(Q, Q, Q))
row("MultiheadAttention", 8, 2, dropout=0.3, add_bias_kv=True, add_zero_attn=True, on=(Q, K, V))
row("MultiheadAttention", 8, 2, kdim=3, vdim=5, on=(Q, uniform(5, 3, 3), uniform(5, 3, 5)))
row("TransformerEncoderLayer", 8, 2, 16, on=Q)
row("TransformerEncoderLayer", 8, 2, 16, 0.3, "gelu", norm_first=True, batch_first=True, on=Q)
row("TransformerDecoderLayer", 8, 2, 16, on=(Q, K))
row("TransformerDecoderLayer", 8, 2, 16, bias=False, norm_first=True, on=(Q, K))
row("Transformer", 8, 2, 1, 1, 16, on=(K, Q))


def value(torch: Any, v: Any, grad: bool) -> Any:
    if not isinstance(v, np.ndarray):
        return v
    t = torch.from_numpy(v.copy())
    return t.requires_grad_() if grad and v.dtype.kind == "f" else t


def build(torch: Any, r: Row) -> Any:
    """The module, with its initial weights from seed 7."""
    torch.manual_seed(7)
    args = [value(torch, a, False) for a in r.args]
    kwargs = {k: value(torch, a, False) for k, a in r.kwargs.items()}
    module = getattr(torch.nn, r.name)(*args, **kwargs)
    if r.name.startswith("Lazy"):
        module(*[value(torch, v, False) for v in r.inputs])  # finds its sizes
    return module


def flat(out: Any) -> list[Any]:
    """The tensors of an output, in order: those of (output, (h, c)) are three."""
    if not isinstance(out, tuple):
        return [out]
    return [t for part in out for t in flat(part)]


def run(torch: Any, r: Row) -> dict[str, np.ndarray]:
    """All that is compared, by name; texts as arrays of one string."""
    module = build(torch, r)
    found: dict[str, Any] = {
        "repr": np.array(repr(module)),
        "keys": np.array(list(module.state_dict()), dtype=str),
    }
    for name, p in module.named_parameters():
        found[f"init:{name}"] = array(p)
    for mode in ("train", "eval"):
        module.train(mode == "train")
        module.zero_grad()
        for name, p in module.named_parameters():  # bias 0 and weight 1 would hide mistakes
            seed = zlib.crc32(f"{r.key}{name}".encode()) & 0x7FFFFFFF
            new = np.random.RandomState(seed).uniform(-1, 1, tuple(p.shape)).astype(np.float32)
            with torch.no_grad():
                p.copy_(torch.from_numpy(new))
        inputs = [value(torch, v, i not in r.fixed) for i, v in enumerate(r.inputs)]
        torch.manual_seed(3)
        out = module(*inputs)
        outs = flat(out)
        for i, o in enumerate(outs):
            found[f"{mode}:out{i}"] = array(o)
        if outs[0].requires_grad:
            upstream = np.linspace(0.5, 1.5, array(outs[0]).size, dtype=np.float32)
            outs[0].backward(torch.from_numpy(upstream.reshape(tuple(outs[0].shape))))
        for i, x in enumerate(inputs):
            if getattr(x, "grad", None) is not None:
                found[f"{mode}:grad{i}"] = array(x.grad)
        for name, p in module.named_parameters():
            if p.grad is not None:
                found[f"{mode}:grad:{name}"] = array(p.grad)
        for name, b in module.named_buffers():
            found[f"{mode}:buffer:{name}"] = array(b)
    return found


def array(t: Any) -> np.ndarray:
    return np.array(t.detach().numpy())
