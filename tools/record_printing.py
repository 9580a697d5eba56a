"""Record how torch prints a few hundred tensors: tests/recorded/printing.json.

    python tools/record_printing.py

The tensors are made by tests/printed.py, which the test uses too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))

import printed  # noqa: E402

if __name__ == "__main__":
    shown = dict(printed.texts(torch))
    path = TESTS / "recorded" / "printing.json"
    path.write_text(json.dumps(shown, indent=0) + "\n")
    print(f"{path.name}: {len(shown)} tensors")
