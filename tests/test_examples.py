"""The examples run, and show what they say."""

import importlib.util
import math
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import chainrule

SOURCE = str(pathlib.Path(chainrule.__file__).parents[1])
ROOT = pathlib.Path(__file__).parent.parent / "examples"
NAMES = sorted(p.stem for p in ROOT.glob("*.py"))


def load(name):
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_two_layer_net():
    hand, auto = load("two_layer_net").main(steps=30, d_in=100)
    np.testing.assert_allclose(auto, hand, rtol=1e-9)
    assert hand[-1] < hand[0]


def test_digits_mlp():
    assert load("digits_mlp").main(epochs=3) > 0.85


def test_cnn_digits():
    assert load("cnn_digits").main(epochs=2, width=8) > 0.8


def test_custom_function():
    naive, stable = load("custom_function").main()
    assert math.isnan(naive[-1].item())
    assert stable[-1].item() == 1 and stable[2].item() == 0.5


def test_double_backward():
    hv, penalties = load("double_backward").main(steps=20)
    assert hv.tolist() == [6, 1, -18]
    assert penalties[-1] < penalties[0]


def test_numerical_check():
    errors, wrong = load("numerical_check").main()
    assert errors[0] > errors[1] > errors[2] and min(errors) < 1e-8
    assert wrong is False


def test_spiral_polar():
    found = load("spiral_polar").main(steps=200)
    assert found["a line in (x, y), ring"] < 0.8
    assert found["a line in (r, θ), ring"] > 0.98
    assert found["lines in (x, y), spiral"] < 0.8
    assert found["64 hidden units, spiral"] > 0.9


def test_linear_templates():
    right, pictures = load("linear_templates").main(steps=100)
    assert right > 0.9 and len(pictures) == 10


def test_char_lstm():
    losses, text = load("char_lstm").main(steps=20)
    torchs = [3.12112, 3.06507, 3.00477, 2.87232, 2.83535, 2.83031, 2.77668, 2.75062, 2.65414,
              2.65788, 2.55975, 2.46107, 2.38501, 2.26952, 2.16177, 2.01905, 2.00462, 1.97382,
              1.73501, 1.7408]  # fmt: skip
    np.testing.assert_allclose(losses, torchs, rtol=1e-4)
    assert text.startswith("the itsy") and len(text) == 100


def test_tiny_transformer():
    losses, right = load("tiny_transformer").main(steps=20)
    torchs = [2.571511, 2.497855, 2.406682, 2.373329, 2.351817, 2.363755, 2.341927, 2.289783,
              2.29002, 2.275887, 2.27828, 2.266223, 2.263691, 2.248458, 2.22283, 2.255621,
              2.188125, 2.204841, 2.144236, 2.136344]  # fmt: skip
    np.testing.assert_allclose(losses, torchs, rtol=1e-5)
    assert 0.2 < right < 0.3


def test_program_for_torch():
    path = str(ROOT / "program_for_torch.py")
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "run", path],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": SOURCE},
    )  # fmt: skip
    losses = [float(line.split()[-1]) for line in done.stdout.splitlines()]
    torchs = [0.611327, 0.474866, 0.431255]
    np.testing.assert_allclose(losses, torchs, rtol=1e-5)


def test_zoo_classifiers():
    names = ["knn", "linear", "svm", "two_layer", "three_layer", "cifar_resnet20", "resnet18"]
    found = load("zoo_classifiers").main([*names, "randwire"], steps=4)
    assert list(found) == [*names, "randwire"]
    assert all(losses[-1] < losses[0] for losses in found.values()), found


def test_zoo_generators():
    found = load("zoo_generators").main()
    assert list(found) == ["gpt", "lstm", "vae", "dcgan", "wgan_gp", "ntm"]
    assert all(losses[-1] < losses[0] for losses in found.values()), found


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_is_and_is_short(name):
    text = (ROOT / f"{name}.py").read_text()
    assert text.startswith('"""') and f"python examples/{name}.py" in text
    assert len(text.splitlines()) < 80
    assert f"test_{name}" in globals()


def test_reinforce():
    totals, losses, mean, scale = load("reinforce").main(steps=20)
    torchs = [3.631649, 3.019646, 2.50632, 2.345077, 2.493374, 2.241421, 2.169111, 2.054724,
              1.38466, 1.84637, 1.105604, 1.267521, 1.323731, 1.117698, 1.32264, 0.785798,
              0.870416, 0.770127, 0.652642, 0.658424]  # fmt: skip
    np.testing.assert_allclose(losses, torchs, rtol=1e-5)
    np.testing.assert_allclose(totals[:6], [-0.14, 0.9, 0.78, 0.86, 0.94, 0.9], rtol=1e-6)
    assert 0.9 < mean < 1.2 and scale < 0.6
    assert sum(totals[-10:]) > 9
