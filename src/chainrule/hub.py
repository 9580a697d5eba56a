"""torch.hub: downloads with a checksum and a cache, and models from a local repository."""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import importlib.util
import os
import re
import sys
import urllib.request
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from tqdm import tqdm

import chainrule as torch
from chainrule.errors import ArgumentError, FileFormatError, NotHereError

__all__ = ["download_url_to_file", "get_dir", "help", "list", "load", "load_state_dict_from_url",
           "set_dir"]  # fmt: skip

HASH_REGEX = re.compile(r"-([a-f0-9]*)\.")
MODULE_HUBCONF = "hubconf.py"
VAR_DEPENDENCY = "dependencies"
READ_DATA_CHUNK = 128 * 1024
TIMEOUT = 30.0  # seconds without an answer


class Place:
    """The folder that `set_dir` chose, or None."""

    folder: str | None = None


def _get_torch_home() -> str:
    """$TORCH_HOME, or `torch` in the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return os.path.expanduser(os.environ.get("TORCH_HOME", os.path.join(cache, "torch")))


def get_dir() -> str:
    """The folder that downloads are kept in: `hub` in $TORCH_HOME, unless `set_dir` chose one.

    >>> import chainrule as torch
    >>> torch.hub.get_dir().endswith("hub")
    True
    """
    return Place.folder if Place.folder is not None else os.path.join(_get_torch_home(), "hub")


def set_dir(d: str | os.PathLike[str]) -> None:
    """Choose the folder that downloads are kept in."""
    Place.folder = os.path.expanduser(os.fspath(d))


def download_url_to_file(
    url: str, dst: str | os.PathLike[str], hash_prefix: str | None = None, progress: bool = True
) -> None:
    """Download a file; it appears under its name only when it is whole and checked.

    Args:
        hash_prefix: how the SHA-256 sum of the content must begin.
        progress: show a bar.

    Errors: RuntimeError for a wrong sum, or fewer bytes than announced; URLError as urllib raises.
    """
    dst = os.path.expanduser(os.fspath(dst))
    part = f"{dst}.{uuid.uuid4().hex}.partial"
    request = urllib.request.Request(url, headers={"User-Agent": "torch.hub"})
    digest = hashlib.sha256()
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            announced = answer.headers.get("Content-Length")
            size = int(announced) if announced else None
            got = 0
            with (
                open(part, "wb") as file,
                tqdm(total=size, disable=not progress, unit="B", unit_scale=True) as bar,
            ):
                while chunk := answer.read(READ_DATA_CHUNK):
                    file.write(chunk)
                    digest.update(chunk)
                    got += len(chunk)
                    bar.update(len(chunk))
        if size is not None and got != size:
            raise FileFormatError(f"the connection ended after {got} of {size} bytes of {url}",
                                  fix="Try again.")  # fmt: skip
        found = digest.hexdigest()
        if hash_prefix is not None and found[: len(hash_prefix)] != hash_prefix:
            raise FileFormatError(
                f'invalid hash value (expected "{hash_prefix}", got "{found}") of {url}',
                fix="The file is damaged or another one; ask its publisher for the sum.",
            )
        os.replace(part, dst)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(part)


def load_state_dict_from_url(
    url: str,
    model_dir: str | os.PathLike[str] | None = None,
    map_location: Any = None,
    progress: bool = True,
    check_hash: bool = False,
    file_name: str | None = None,
    weights_only: bool = True,
) -> Any:
    """The tensors of a file on the network, which is downloaded once and then kept.

    Args:
        model_dir: where it is kept; `checkpoints` in `get_dir()` unless given.
        check_hash: the file's name says how its SHA-256 sum begins, as in `name-5c106cde.pth`.
        file_name: the name to keep it under.

    Errors: as `download_url_to_file` and `torch.load`; nothing in the file is executed.
    """
    folder = os.path.join(get_dir(), "checkpoints") if model_dir is None else os.fspath(model_dir)
    os.makedirs(folder, exist_ok=True)
    name = file_name or os.path.basename(urlparse(url).path)
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        sys.stderr.write(f'Downloading: "{url}" to {path}\n')
        match = HASH_REGEX.search(name) if check_hash else None
        download_url_to_file(url, path, match.group(1) if match else None, progress=progress)
    return torch.load(path, map_location=map_location, weights_only=weights_only)


def hubconf(repo_or_dir: Any, source: str) -> Any:
    """The module `hubconf.py` of a local repository."""
    if source == "github":
        raise NotHereError(
            f"torch.hub fetches no code from the network: {repo_or_dir!r}",
            fix="Clone the repository, look at it, and pass its path with source='local'.",
        )
    if source != "local":
        raise ArgumentError(f'Unknown source: "{source}". Allowed values: "github" | "local".')
    folder = os.path.abspath(os.path.expanduser(os.fspath(repo_or_dir)))
    path = os.path.join(folder, MODULE_HUBCONF)
    if not os.path.exists(path):
        raise FileFormatError(f"{folder} has no {MODULE_HUBCONF}", fix="Check the path.")
    sys.path.insert(0, folder)
    try:
        spec = importlib.util.spec_from_file_location("hubconf", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(folder)
    missing = [name for name in getattr(module, VAR_DEPENDENCY, ())
               if name not in sys.modules and importlib.util.find_spec(name) is None]  # fmt: skip
    missing = [name for name in missing if name != "torch"]
    if missing:
        raise ArgumentError(f"Missing dependencies: {', '.join(missing)}",
                            fix=f"pip install {' '.join(missing)}")  # fmt: skip
    return module


def entry(module: Any, model: str) -> Any:
    if not isinstance(model, str):
        raise ArgumentError("Invalid input: model should be a string of function name")
    function = getattr(module, model, None)
    if not callable(function):
        raise ArgumentError(f"Cannot find callable {model} in hubconf",
                            fix=f"It has: {', '.join(entries(module))}.")  # fmt: skip
    return function


def entries(module: Any) -> builtins.list[str]:
    return [n for n in dir(module) if callable(getattr(module, n)) and not n.startswith("_")]


def list(
    github: Any, force_reload: bool = False, skip_validation: bool = False,
    trust_repo: Any = None, verbose: bool = True, *, source: str = "",
) -> builtins.list[str]:  # fmt: skip
    """The models that a local repository offers in its `hubconf.py`."""
    return entries(hubconf(github, source or local_or_not(github)))


def help(
    github: Any, model: str, force_reload: bool = False, skip_validation: bool = False,
    trust_repo: Any = None, *, source: str = "",
) -> str | None:  # fmt: skip
    """What a local repository says of one of its models."""
    return entry(hubconf(github, source or local_or_not(github)), model).__doc__


def load(
    repo_or_dir: Any, model: str, *args: Any, source: str = "github", trust_repo: Any = None,
    force_reload: bool = False, verbose: bool = True, skip_validation: bool = False, **kwargs: Any,
) -> Any:  # fmt: skip
    """A model of a local repository: call a function of its `hubconf.py`.

    Errors: with source="github", the default, it says that no code is fetched from the network.

    >>> import pathlib, tempfile, chainrule as torch
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "hubconf.py").write_text("def answer(x=42): return x")
    >>> torch.hub.load(folder, "answer", source="local"), torch.hub.list(folder)
    (42, ['answer'])
    """
    return entry(hubconf(repo_or_dir, source.lower()), model)(*args, **kwargs)


def local_or_not(place: Any) -> str:
    return "local" if Path(os.path.expanduser(os.fspath(place))).is_dir() else "github"
