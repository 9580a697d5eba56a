"""Public functions with torch's names.  Importing this package attaches the Tensor's methods."""

# ruff: noqa: F401  (importing the modules is the purpose)
from chainrule import ops
from chainrule.functional import (
    arithmetic,
    bessel,
    bitwise,
    broadcasting,
    calculus,
    comparison,
    complex,
    conversion,
    copies,
    creation,
    data,
    decompositions,
    einsum,
    exponential,
    extrema,
    fourier,
    gamma_sampling,
    indexing,
    inplace,
    joining,
    layouts,
    least_squares,
    legacy,
    linalg,
    low_rank,
    masking,
    matrix_norms,
    memory,
    moments,
    native_layers,
    native_losses,
    native_names,
    neural,
    norms,
    padding,
    printing,
    protocols,
    random,
    rearranging,
    recurrent,
    reduction,
    removed,
    rounding,
    sampling,
    scaled_products,
    scan,
    scattering,
    settings,
    shape,
    sharing,
    softmax,
    solvers,
    sorting,
    special,
    spectrogram,
    splitting,
    statistics,
    storages,
    subscripts,
    switches,
    symbolic,
    tensor_products,
    transposition,
    triangular_factors,
    trigonometry,
    vandermonde,
    views,
    window_functions,
)

from chainrule.functional import argument_names  # isort: skip  (it wraps what they define)
from chainrule.functional.border import EXPORTS

__all__ = ["EXPORTS"]


def __getattr__(name: str) -> object:
    """torch.functional holds public functions too."""
    try:
        return EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'chainrule.functional' has no attribute '{name}'") from None
