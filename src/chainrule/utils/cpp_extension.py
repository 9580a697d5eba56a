"""torch.utils.cpp_extension: extensions compiled against libtorch, which is not here."""

from __future__ import annotations

from typing import Any, NoReturn

from chainrule.errors import NotHereError

CUDA_HOME = None
ROCM_HOME = None
IS_HIP_EXTENSION = False


def load(name: str, *args: Any, **kwargs: Any) -> NoReturn:
    """Errors: there is no libtorch to compile against."""
    raise NotHereError(
        f"the extension {name!r} is written against libtorch, which is not here",
        fix="Use the program's plain Python path, or write a torch.autograd.Function.",
    )


load_inline = load


def CppExtension(name: str, *args: Any, **kwargs: Any) -> NoReturn:
    """Errors: there is no libtorch to compile against."""
    load(name)


CUDAExtension = CppExtension


class BuildExtension:
    """Errors: there is no libtorch to compile against."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        load("BuildExtension")

    @classmethod
    def with_options(cls, **options: Any) -> Any:
        """This class; building is what fails."""
        return cls


def include_paths(*args: Any) -> list[str]:
    """Empty: there are no headers."""
    return []


def library_paths(*args: Any) -> list[str]:
    """Empty: there are no libraries."""
    return []


def is_ninja_available() -> bool:
    """Always False: nothing is built here."""
    return False
