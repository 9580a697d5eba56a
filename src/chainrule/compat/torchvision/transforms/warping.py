"""Maps of the plane: affine, projective and elastic ones, on tensors; and the Gaussian blur."""

from __future__ import annotations

import math
from typing import Any

import chainrule as torch
from chainrule.compat.torchvision.transforms.tensors import Batched, check, floating, get_dimensions
from chainrule.nn import functional as F
from chainrule.tensor import Tensor


def inverse_affine(
    center: Any, angle: float, translate: Any, scale: float, shear: Any
) -> list[float]:
    """The map from places in the result to places in the image, as six numbers by rows.

    The image is sheared, rotated by `angle` degrees and scaled about `center`, then translated.
    """
    turn, sx, sy = (math.radians(v) for v in (angle, shear[0], shear[1]))
    a = math.cos(turn - sy) / math.cos(sy)
    b = -math.cos(turn - sy) * math.tan(sx) / math.cos(sy) - math.sin(turn)
    c = math.sin(turn - sy) / math.cos(sy)
    d = -math.sin(turn - sy) * math.tan(sx) / math.cos(sy) + math.cos(turn)
    (cx, cy), (tx, ty) = center, translate
    rows = []
    for p, q, middle in ((d / scale, -b / scale, cx), (-c / scale, a / scale, cy)):
        rows += [p, q, 0.0 + p * (-cx - tx) + q * (-cy - ty) + middle]
    return rows


def projection(startpoints: Any, endpoints: Any) -> list[float]:
    """The eight numbers of the projective map that takes four end points to the start points."""
    if len(startpoints) != 4 or len(endpoints) != 4:
        raise ValueError(f"Please provide exactly four corners, got {len(startpoints)} startpoints "
                         f"and {len(endpoints)} endpoints.")  # fmt: skip
    rows = []
    for (x, y), (u, v) in zip(endpoints, startpoints, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    wanted = torch.tensor(startpoints, dtype=torch.float64).view(8, 1)
    found = torch.linalg.lstsq(torch.tensor(rows, dtype=torch.float64), wanted).solution
    return found.view(8).to(torch.float32).tolist()


def mapped(w: int, h: int, x0: float, y0: float, columns: Tensor) -> Tensor:
    """Where a linear map (1, 3, k) sends the pixels' centres, from (x0, y0) on: (1, h, w, k).

    Written as sums, not as a product of matrices: its rounding decides which pixel is nearest.
    """
    x = torch.linspace(x0, x0 + w - 1, steps=w).to(columns.dtype).view(1, 1, w, 1)
    y = torch.linspace(y0, y0 + h - 1, steps=h).to(columns.dtype).view(1, h, 1, 1)
    along_x, along_y, fixed = (columns[:, i].view(1, 1, 1, -1) for i in range(3))
    return x * along_x + y * along_y + fixed


def refuse(img: Tensor, mode: str, fill: Any) -> None:
    check(img)
    channels = get_dimensions(img)[0]
    if isinstance(fill, (tuple, list)) and len(fill) > 1 and len(fill) != channels:
        raise ValueError("The number of elements in 'fill' cannot broadcast to match the number of "
                         f"channels of the image ({len(fill)} != {channels})")  # fmt: skip
    if mode not in ("nearest", "bilinear"):
        raise ValueError(f"Interpolation mode '{mode}' is unsupported with Tensor input")


def sample(img: Tensor, grid: Tensor, mode: str, fill: Any) -> Tensor:
    """The image read at the places of a grid (1, h, w, 2); `fill` where they are outside."""
    batch = Batched(img, (grid.dtype,))
    made = batch.img
    grid = grid.expand(made.shape[0], *grid.shape[1:])
    if fill is None:
        made = F.grid_sample(made, grid, mode=mode, padding_mode="zeros", align_corners=False)
        return batch.back(made)
    inside = torch.ones(made.shape[0], 1, *made.shape[2:], dtype=made.dtype)
    made = F.grid_sample(torch.cat((made, inside), 1), grid, mode=mode, padding_mode="zeros",
                         align_corners=False)  # fmt: skip
    made, inside = made[:, :-1], made[:, -1:].expand_as(made[:, :-1])
    values = list(fill) if isinstance(fill, (tuple, list)) else [float(fill)]
    ground = torch.tensor(values, dtype=made.dtype).view(1, -1, 1, 1).expand_as(made)
    if mode == "nearest":
        return batch.back(torch.where(inside < 0.5, ground, made))
    return batch.back(made * inside + (1.0 - inside) * ground)


def affine(
    img: Tensor, matrix: list[float], mode: str, fill: Any, size: tuple[int, int] | None = None
) -> Tensor:
    """The image under an inverse map about its middle; `size` (w, h) of the result."""
    refuse(img, mode, fill)
    h, w = img.shape[-2:]
    ow, oh = size or (w, h)
    theta = torch.tensor(matrix, dtype=floating(img)).reshape(1, 2, 3)
    half = torch.tensor([0.5 * w, 0.5 * h], dtype=theta.dtype)
    grid = mapped(ow, oh, -ow * 0.5 + 0.5, -oh * 0.5 + 0.5, theta.transpose(1, 2) / half)
    return sample(img, grid, mode, fill)


def rotated_size(matrix: list[float], w: int, h: int) -> tuple[int, int]:
    """Width and height of the result that shows all of a rotated image."""
    corners = torch.tensor([[x * 0.5 * w, y * 0.5 * h, 1.0]
                            for x, y in ((-1, -1), (-1, 1), (1, 1), (1, -1))])  # fmt: skip
    places = torch.matmul(corners, torch.tensor(matrix).view(2, 3).T)
    half = torch.tensor((w * 0.5, h * 0.5))
    low, high = places.amin(0) + half, places.amax(0) + half
    tolerance = 1e-4
    size = torch.ceil((high / tolerance).trunc() * tolerance) - torch.floor(
        (low / tolerance).trunc() * tolerance
    )
    return int(size[0]), int(size[1])


def perspective(img: Tensor, numbers: list[float], mode: str, fill: Any) -> Tensor:
    refuse(img, mode, fill)
    h, w = img.shape[-2:]
    dtype = floating(img)
    above = torch.tensor(numbers[:6], dtype=dtype).view(1, 2, 3)
    below = torch.tensor([[*numbers[6:], 1.0]] * 2, dtype=dtype).view(1, 2, 3)
    half = torch.tensor([0.5 * w, 0.5 * h], dtype=dtype)
    place = mapped(w, h, 0.5, 0.5, above.transpose(1, 2) / half)
    depth = mapped(w, h, 0.5, 0.5, below.transpose(1, 2))
    return sample(img, place / depth - 1.0, mode, fill)


def elastic(img: Tensor, displacement: Tensor, mode: str, fill: Any) -> Tensor:
    h, w = img.shape[-2:]
    y, x = (torch.linspace((1 - n) / n, (n - 1) / n, n) for n in (h, w))
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1).unsqueeze(0)
    return sample(img, grid + displacement, mode, fill)


def bell(size: int, sigma: float, dtype: Any) -> Tensor:
    """A Gaussian of `size` values that sum to 1."""
    half = (size - 1) * 0.5
    x = torch.linspace(-half, half, steps=size, dtype=dtype)
    values = torch.exp(-0.5 * (x / sigma).pow(2))
    return values / values.sum()


def gaussian_blur(img: Tensor, kernel_size: Any, sigma: Any) -> Tensor:
    check(img)
    dtype = floating(img)
    kx, ky = kernel_size
    kernel = torch.mm(bell(ky, sigma[1], dtype)[:, None], bell(kx, sigma[0], dtype)[None, :])
    batch = Batched(img, (dtype,))
    channels = batch.img.shape[-3]
    padded = F.pad(batch.img, [kx // 2, kx // 2, ky // 2, ky // 2], mode="reflect")
    made = F.conv2d(padded, kernel.expand(channels, 1, ky, kx), groups=channels)
    return batch.back(made)
