"""Downloads and archives, under torchvision's names."""

from __future__ import annotations

import gzip
import os
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from chainrule.compat.torchvision.datasets.vision import verify_str_arg
from chainrule.datasets.download import md5_of
from chainrule.hub import download_url_to_file

__all__ = ["calculate_md5", "check_integrity", "check_md5", "download_and_extract_archive",
           "download_url", "extract_archive", "list_dir", "list_files",
           "verify_str_arg"]  # fmt: skip


def calculate_md5(fpath: Any, chunk_size: int = 1024 * 1024) -> str:
    """The MD5 sum of a file, in hexadecimal digits."""
    return md5_of(Path(fpath))


def check_md5(fpath: Any, md5: str, **kwargs: Any) -> bool:
    """Whether a file has this MD5 sum."""
    return md5 == calculate_md5(fpath)


def check_integrity(fpath: Any, md5: str | None = None) -> bool:
    """Whether a file is there, with this MD5 sum if one is given.

    >>> check_integrity("no such file")
    False
    """
    return os.path.isfile(fpath) and (md5 is None or check_md5(fpath, md5))


def download_url(
    url: Any, root: Any, filename: Any = None, md5: str | None = None,
    max_redirect_hops: int = 3,
) -> None:  # fmt: skip
    """Download a file into a folder, unless it is there; it appears only when its sum is right.

    `url` may be several, which are tried in turn.

    Errors: RuntimeError for a wrong sum; what urllib raises where there is no file.
    """
    urls = [url] if isinstance(url, str) else list(url)
    path = Path(os.path.expanduser(root)) / (filename or os.path.basename(urls[0]))
    path.parent.mkdir(parents=True, exist_ok=True)
    if check_integrity(path, md5):
        return
    part = path.with_name(path.name + ".part")
    for i, one in enumerate(urls):
        try:
            download_url_to_file(one, part)
            if not check_integrity(part, md5):
                part.unlink()
                raise RuntimeError(f"File not found or corrupted: {one} has not the MD5 sum {md5}")
            break
        except (OSError, RuntimeError):
            if i == len(urls) - 1:
                raise
    os.replace(part, path)


def extract_archive(from_path: Any, to_path: Any = None, remove_finished: bool = False) -> str:
    """Unpack a tar or zip archive, or a gzipped file, and return where to."""
    path = Path(from_path)
    target = path.parent if to_path is None else Path(to_path)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(target)
    elif path.suffix == ".gz" and not path.name.endswith(".tar.gz"):
        target = target / path.stem if target.is_dir() else target
        with gzip.open(path) as content, open(target, "wb") as file:
            shutil.copyfileobj(content, file)
    else:
        with tarfile.open(path) as archive:
            archive.extractall(target, filter="data")
    if remove_finished:
        path.unlink()
    return str(target)


def download_and_extract_archive(
    url: Any, download_root: Any, extract_root: Any = None, filename: Any = None,
    md5: str | None = None, remove_finished: bool = False,
) -> None:  # fmt: skip
    """`download_url`, then `extract_archive`."""
    root = os.path.expanduser(download_root)
    name = filename or os.path.basename(url if isinstance(url, str) else url[0])
    download_url(url, root, name, md5)
    extract_archive(os.path.join(root, name), extract_root or root, remove_finished)


def list_dir(root: Any, prefix: bool = False) -> list[str]:
    """The folders in a folder."""
    found = [e.name for e in os.scandir(os.path.expanduser(root)) if e.is_dir()]
    return [os.path.join(root, name) for name in found] if prefix else found


def list_files(root: Any, suffix: Any, prefix: bool = False) -> list[str]:
    """The files in a folder whose names end so."""
    found = [e.name for e in os.scandir(os.path.expanduser(root))
             if e.is_file() and e.name.endswith(suffix)]  # fmt: skip
    return [os.path.join(root, name) for name in found] if prefix else found
