"""The vision transformer (Dosovitskiy et al. 2020): an image as a sequence of patches."""

from __future__ import annotations

import functools
import math
from collections import OrderedDict
from typing import Any

import chainrule as torch
from chainrule import nn
from chainrule.errors import ArgumentError, ShapeError
from chainrule.models.blocks import MLP
from chainrule.models.weights import with_weights
from chainrule.tensor import Tensor

NORM = functools.partial(nn.LayerNorm, eps=1e-6)


class EncoderBlock(nn.Module):
    """Attention among the patches, then two linear layers on each; both on normalised input."""

    def __init__(
        self, num_heads: int, hidden_dim: int, mlp_dim: int, dropout: float,
        attention_dropout: float, norm_layer: Any = NORM,
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_heads = num_heads
        self.ln_1 = norm_layer(hidden_dim)
        self.self_attention = nn.MultiheadAttention(
            hidden_dim, num_heads, dropout=attention_dropout, batch_first=True
        )
        self.dropout = nn.Dropout(dropout)
        self.ln_2 = norm_layer(hidden_dim)
        self.mlp = MLP(hidden_dim, [mlp_dim, hidden_dim], activation_layer=nn.GELU, dropout=dropout)
        for m in self.mlp:
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight)
                nn.init.normal_(m.bias, std=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        y = self.ln_1(x)
        y, _ = self.self_attention(y, y, y, need_weights=False)
        x = self.dropout(y) + x
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    """Learned places added to the patches, then the blocks."""

    def __init__(
        self, seq_length: int, num_layers: int, num_heads: int, hidden_dim: int, mlp_dim: int,
        dropout: float, attention_dropout: float, norm_layer: Any = NORM,
    ) -> None:  # fmt: skip
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, seq_length, hidden_dim).normal_(std=0.02))
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.Sequential(OrderedDict(
            (f"encoder_layer_{i}", EncoderBlock(num_heads, hidden_dim, mlp_dim, dropout,
                                                attention_dropout, norm_layer))
            for i in range(num_layers)
        ))  # fmt: skip
        self.ln = norm_layer(hidden_dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.ln(self.layers(self.dropout(x + self.pos_embedding)))


class VisionTransformer(nn.Module):
    """A vision transformer for images (N, 3, image_size, image_size).

    Args:
        patch_size: pixels of a patch's side; it divides `image_size`.
        representation_size: units of a layer before the last one, if there is to be one.

    >>> import chainrule as torch
    >>> net = torch.models.VisionTransformer(16, 8, 1, 2, 8, 16, num_classes=5)
    >>> net(torch.zeros(1, 3, 16, 16)).shape
    torch.Size([1, 5])
    """

    def __init__(
        self, image_size: int, patch_size: int, num_layers: int, num_heads: int, hidden_dim: int,
        mlp_dim: int, dropout: float = 0.0, attention_dropout: float = 0.0,
        num_classes: int = 1000, representation_size: int | None = None, norm_layer: Any = NORM,
    ) -> None:  # fmt: skip
        super().__init__()
        if image_size % patch_size:
            raise ArgumentError(
                "Input shape indivisible by patch size!",
                [("image_size", image_size), ("patch_size", patch_size)],
            )
        self.image_size, self.patch_size = image_size, patch_size
        self.hidden_dim, self.mlp_dim = hidden_dim, mlp_dim
        self.attention_dropout, self.dropout = attention_dropout, dropout
        self.num_classes, self.representation_size = num_classes, representation_size
        self.norm_layer = norm_layer
        self.conv_proj = nn.Conv2d(3, hidden_dim, kernel_size=patch_size, stride=patch_size)
        self.class_token = nn.Parameter(torch.zeros(1, 1, hidden_dim))
        self.seq_length = (image_size // patch_size) ** 2 + 1
        self.encoder = Encoder(self.seq_length, num_layers, num_heads, hidden_dim, mlp_dim, dropout,
                               attention_dropout, norm_layer)  # fmt: skip
        heads: OrderedDict[str, nn.Module] = OrderedDict()
        if representation_size is not None:
            heads["pre_logits"] = nn.Linear(hidden_dim, representation_size)
            heads["act"] = nn.Tanh()
        heads["head"] = nn.Linear(representation_size or hidden_dim, num_classes)
        self.heads = nn.Sequential(heads)
        nn.init.trunc_normal_(self.conv_proj.weight, std=math.sqrt(1 / (3 * patch_size**2)))
        nn.init.zeros_(self.conv_proj.bias)
        if representation_size is not None:
            nn.init.trunc_normal_(heads["pre_logits"].weight, std=math.sqrt(1 / hidden_dim))
            nn.init.zeros_(heads["pre_logits"].bias)
        nn.init.zeros_(heads["head"].weight)
        nn.init.zeros_(heads["head"].bias)

    @staticmethod
    def published_key(key: str) -> str:
        """The name here of a weight in the published files."""
        return key.replace("mlp.linear_1.", "mlp.0.").replace("mlp.linear_2.", "mlp.3.")

    def forward(self, x: Tensor) -> Tensor:
        if tuple(x.shape[2:]) != (self.image_size, self.image_size):
            raise ShapeError(f"Wrong image height! Expected {self.image_size} but got "
                             f"{x.shape[2]}!" if x.shape[2] != self.image_size else
                             f"Wrong image width! Expected {self.image_size} but got {x.shape[3]}!",
                             [("x", x)])  # fmt: skip
        patches = self.conv_proj(x).flatten(2).permute(0, 2, 1)
        token = self.class_token.expand(len(x), -1, -1)
        return self.heads(self.encoder(torch.cat([token, patches], dim=1))[:, 0])


SIZES = {  # patch, layers, heads, width, width inside
    "vit_b_16": (16, 12, 12, 768, 3072), "vit_b_32": (32, 12, 12, 768, 3072),
    "vit_l_16": (16, 24, 16, 1024, 4096), "vit_l_32": (32, 24, 16, 1024, 4096),
    "vit_h_14": (14, 32, 16, 1280, 5120),
}  # fmt: skip
PUBLISHED_AT = {"vit_b_16": 384, "vit_l_16": 512, "vit_h_14": 518}  # pixels, of the tuned weights


def _builder(name: str) -> Any:
    def build(weights: Any = None, *, progress: bool = True, **kwargs: Any) -> VisionTransformer:
        tuned = "E2E" in str(weights) or (name == "vit_h_14" and "DEFAULT" in str(weights))
        size = kwargs.pop("image_size", PUBLISHED_AT[name] if tuned else 224)
        return with_weights(name, weights, progress, VisionTransformer, size, *SIZES[name],
                            **kwargs)  # type: ignore[no-any-return]  # fmt: skip

    build.__name__ = build.__qualname__ = name
    build.__doc__ = f"""The {name[4].upper()} vision transformer on patches of {name[6:]} pixels.

    Args:
        weights: as for the other image models.
        kwargs: for `VisionTransformer`, such as `image_size` and `num_classes`.
    """
    return build


vit_b_16, vit_b_32, vit_l_16, vit_l_32, vit_h_14 = map(_builder, SIZES)
