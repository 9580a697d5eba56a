"""Downloads that resume, are checked, and appear under their name only when they are whole.

And what is taken out of archives, by the same rule.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import os
import shutil
import tarfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from chainrule.errors import FileFormatError

CHUNK = 1 << 16
ATTEMPTS = 3  # at one mirror; each goes on where the one before broke off
TIMEOUT = 30.0  # seconds without an answer


class Incomplete(OSError):
    """The connection ended before the file did."""


class Remote:
    """A file on the network: its mirrors, and the length and MD5 sum that it must have.

    The sum guards against damage and mix-ups; where a mirror is reached over plain HTTP it is also
    all there is against forgery, and MD5 is weak there.
    """

    def __init__(self, urls: Sequence[str], size: int, md5: str) -> None:
        self.urls, self.size, self.md5 = list(urls), size, md5

    def fetch(self, path: Path, progress: bool = True) -> None:
        """Download to `path`, from the first mirror that gives the right file.

        What arrived is kept as `<path>.part`, so that a later call goes on from there.

        Errors: FileFormatError, which says what each mirror answered.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        failures = []
        for url in self.urls:
            try:
                self.fetch_from(url, part, progress)
            except (OSError, http.client.HTTPException, ValueError) as error:
                failures.append((url, reason(error)))
                continue
            os.replace(part, path)
            return
        raise FileFormatError(
            f"{path.name} could not be downloaded",
            failures,
            fix=f"Check the network and try again, or put the file, got elsewhere, at {path}.",
        )

    def fetch_from(self, url: str, part: Path, progress: bool) -> None:
        """Complete the part file from one mirror and check it."""
        for attempt in range(ATTEMPTS):
            resumed = part.exists() and part.stat().st_size > 0
            try:
                self.transfer(url, part, progress)
            except (Incomplete, http.client.IncompleteRead, TimeoutError, ConnectionError):
                if attempt == ATTEMPTS - 1:
                    raise
                continue
            found = md5_of(part)
            if found == self.md5:
                return
            part.unlink()
            if not resumed:  # else the part may have been another file's: once more, from the start
                break
        raise ValueError(f"the file has the MD5 sum {found} instead of {self.md5}")

    def transfer(self, url: str, part: Path, progress: bool) -> None:
        """One request; appends to what is there if the server can."""
        start = part.stat().st_size if part.exists() else 0
        if start > self.size:
            part.unlink()
            start = 0
        if start == self.size:
            return
        headers = {"User-Agent": "chainrule", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        request = urllib.request.Request(url, headers=headers)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            goes_on = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(
                f"bytes {start}-"
            )
            start = start if goes_on else 0
            announced = answer.headers.get("Content-Length")
            if announced is not None and int(announced) != self.size - start:
                raise ValueError(f"{int(announced) + start} bytes instead of {self.size}")
            with (
                open(part, "ab" if goes_on else "wb") as file,
                tqdm(
                    total=self.size,
                    initial=start,
                    unit="B",
                    unit_scale=True,
                    desc=part.name.removesuffix(".part"),
                    disable=not progress,
                ) as bar,
            ):
                self.copy(answer, file, start, bar)

    def copy(self, answer: Any, file: Any, there: int, bar: Any) -> None:
        while chunk := answer.read(CHUNK):
            there += len(chunk)
            if there > self.size:
                raise ValueError(f"more than the {self.size} bytes it should have")
            file.write(chunk)
            bar.update(len(chunk))
        if there < self.size:
            raise Incomplete(f"the connection ended after {there} of {self.size} bytes")


def md5_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def reason(error: Exception) -> str:
    """What went wrong, in a few words."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code} {error.reason}"
    return str(getattr(error, "reason", None) or error or type(error).__name__)


def unpack(archive: Path, folder: Path, names: set[str], limit: int) -> None:
    """Take the files of these names, and no others, out of an archive; none is over the limit."""
    parts: dict[str, Path] = {}
    try:
        with gzip.open(archive) as content:
            with tarfile.open(fileobj=content, mode="r|") as tar:
                for member in tar:
                    name = member.name
                    if name not in names or not member.isreg() or member.size > limit:
                        continue
                    parts[name] = folder / f"{name}.part"
                    parts[name].parent.mkdir(parents=True, exist_ok=True)
                    with open(parts[name], "wb") as file:
                        shutil.copyfileobj(tar.extractfile(member), file)  # type: ignore[arg-type]
            while content.read(1 << 20):  # to the end, where the checksum is
                pass
        for name, part in parts.items():
            os.replace(part, folder / name)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        for part in parts.values():
            part.unlink(missing_ok=True)
        raise FileFormatError(f"{archive}: the archive is damaged ({error})",
                              fix="Remove the file and download it again.") from None  # fmt: skip
