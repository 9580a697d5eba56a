"""`chainrule train`: what it leaves, and that a stopped run goes on exactly."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

import chainrule as torch
from chainrule import cli
from chainrule.cli import checkpoint, data, models, tasks, train
from chainrule.cli.loop import Run, Settings
from chainrule.serialization import load_file


@pytest.fixture(scope="module")
def digits():
    return data.load("digits", None, 400, False)


def rows(run):
    return [{k: v for k, v in row.items() if k != "time"} for row in run.history]


@pytest.mark.parametrize("model", ["mlp", "cnn"])
@pytest.mark.parametrize(
    ("stop_after", "schedule"),
    [(0, "step"), (3, "cosine"), (7, "step"), (9, "linear"), (14, "inverse-sqrt")],
)
def test_a_stopped_run_goes_on_with_the_same_losses(tmp_path, digits, model, stop_after, schedule):
    settings = Settings(model=model, epochs=3, width=32, schedule=schedule)
    whole = Run(settings, digits, None)
    whole.train(quiet=True)

    first = Run(settings, digits, tmp_path)
    plain, steps = first.task.loss_function, 0

    def counted(scores, labels):
        nonlocal steps
        steps += 1
        if steps > stop_after:
            first.stop = True
        return plain(scores, labels)

    first.task.loss_function = counted
    with pytest.raises(KeyboardInterrupt):
        first.train(quiet=True)

    torch.manual_seed(12345)  # nothing may depend on what ran in between
    saved = checkpoint.load(tmp_path / "checkpoint.safetensors")
    second = Run(Settings(**saved["progress"]["settings"]), digits, tmp_path)
    second.restore(saved)
    second.train(quiet=True)
    assert rows(second) == rows(whole)
    for k, v in whole.model.state_dict().items():
        assert (second.model.state_dict()[k] == v).all(), k
    for k, v in whole.best.items():
        assert (second.best[k] == v).all(), k


def test_the_same_seed_gives_the_same_run_and_another_seed_another(digits):
    def losses(seed):
        run = Run(Settings(epochs=1, width=16, seed=seed), digits, None)
        run.train(quiet=True)
        return run.history[0]["train_loss"]

    assert losses(1) == losses(1) != losses(2)


SMALL = ("mlp", "cnn", "linear", "svm", "knn", "two_layer", "three_layer", "cifar_resnet20",
         "randwire")  # fmt: skip


@pytest.mark.parametrize("model", SMALL)
def test_every_model_leaves_its_files(tmp_path, model, capsys):
    out = tmp_path / "run"
    few, width = ("300", "32")
    if model in ("cifar_resnet20", "randwire"):
        few, width = ("40", "4")
    status = cli.main(["train", "digits", "--model", model, "--epochs", "2", "--limit", few,
                       "--width", width, "--quiet", "--out", str(out)])  # fmt: skip
    assert status == 0
    text = capsys.readouterr().out
    assert re.search(r"test +\d+ +\d+\.\d\d%", text)
    page = (out / "report.html").read_text()
    assert "Confusion" in page and "Wrongly classified" in page
    assert not re.search(r"(src|href)=.(https?:|//)", page), "the page must need no network"
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    if model == "knn":
        assert {row["k"] for row in lines} == {1, 3, 5, 7, 9}
        return
    assert [row["epoch"] for row in lines] == [1, 2]
    assert "Templates" in page and "Gradients" in page and "Activations" in page
    again = models.build(model, data.load("digits", None, 100, False), int(width))
    again.load_state_dict(load_file(out / "model.safetensors"))


OTHERS = [
    ("digits", "vae", "drew"),
    ("digits", "dcgan", "drew"),
    ("digits", "wgan_gp", "drew"),
    ("text", "gpt", "wrote"),
    ("text", "lstm", "wrote"),
    ("copy", "ntm", "sequence"),
]


@pytest.mark.parametrize(("name", "model", "made"), OTHERS)
def test_models_that_do_not_classify(tmp_path, name, model, made, capsys, monkeypatch):
    """They train, leave their files, and a stopped run goes on with the same losses."""
    monkeypatch.setattr(tasks.Remember, "steps", 6)
    settings = Settings(data=name, model=model, epochs=2, width=8, limit=3000, lr=1e-3,
                        batch_size=16)  # fmt: skip
    args = argparse.Namespace(root=None, download=False)
    if name == "digits":
        settings.limit = 100
    loaded = train.load(settings, args)

    whole = Run(settings, loaded, None)
    whole.train(quiet=True)
    first = Run(settings, loaded, tmp_path / "a")
    (tmp_path / "a").mkdir()
    step, count = first.task.step, [0]

    def counted(*args):
        count[0] += 1
        first.stop = count[0] == whole.task.steps + 2
        return step(*args)

    first.task.step = counted
    with pytest.raises(KeyboardInterrupt):
        first.train(quiet=True)
    second = Run(settings, loaded, tmp_path / "a")
    second.restore(checkpoint.load(tmp_path / "a" / "checkpoint.safetensors"))
    second.train(quiet=True)
    assert rows(second) == rows(whole)
    train.finish_other(second, time.perf_counter())
    assert made in (tmp_path / "a" / "report.html").read_text()
    again = models.build(model, loaded, 8)
    missing, unexpected = again.load_state_dict(
        load_file(tmp_path / "a" / "model.safetensors"), strict=False
    )
    assert not unexpected and set(missing) <= {"lm_head.weight"}


def test_models_and_data_that_do_not_fit(tmp_path, capsys):
    for words in (
        ["digits", "--model", "gpt"],
        ["text", "--model", "cnn"],
        ["copy", "--model", "vae"],
        ["text", "--root", str(tmp_path / "none.txt")],
    ):
        assert cli.main(["train", *words, "--out", str(tmp_path / "run")]) == 1
        assert capsys.readouterr().err.startswith("chainrule train: ")


@pytest.mark.parametrize("model", ["alexnet", "googlenet", "resnet18"])
def test_grey_small_images_fit_the_large_networks(model, digits):
    images = models.adapt(model, digits)(digits.train.images[:2])
    net = models.build(model, digits, 32).eval()
    with torch.no_grad():
        assert net(images).shape == (2, 10)


def test_the_list_of_models(capsys):
    assert cli.main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(models.NAMES)
    assert any(line.split()[:3] == ["resnet18", "classifier", "11,689,512"] for line in lines)
    assert cli.main(["models", "text"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_search_chooses_on_validation(tmp_path, capsys):
    out = tmp_path / "run"
    cli.main(["train", "digits", "--model", "linear", "--epochs", "4", "--search", "3", "--limit",
              "200", "--quiet", "--out", str(out)])  # fmt: skip
    text = capsys.readouterr().out
    tried = re.findall(r"lr (\S+) .*validation (\d+\.\d)%", text)
    chosen = re.search(r"chosen: lr ([^,]+),", text).group(1)
    assert len(tried) == 3
    best = max(float(v) for _, v in tried)
    assert chosen in [lr for lr, v in tried if float(v) == best]


def test_a_folder_with_a_run_in_it_is_not_written_over(tmp_path, capsys):
    (tmp_path / "precious").write_text("x")
    assert cli.main(["train", "digits", "--out", str(tmp_path)]) == 1
    assert "not empty" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["precious"]


def test_missing_files_are_named_with_the_option_that_fetches_them(tmp_path, capsys):
    assert cli.main(["train", "mnist", "--root", str(tmp_path), "--out", str(tmp_path / "r")]) == 1
    text = capsys.readouterr().err
    assert "train-images-idx3-ubyte.gz" in text and "--download" in text
    assert "download=True" not in text and not (tmp_path / "r").exists()


def test_resuming_nothing_says_so(tmp_path, capsys):
    assert cli.main(["train", "--resume", str(tmp_path)]) == 1
    assert "no checkpoint" in capsys.readouterr().err


def test_a_corrupt_checkpoint_is_refused(tmp_path, capsys):
    (tmp_path / "checkpoint.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    assert cli.main(["train", "--resume", str(tmp_path)]) == 1
    assert "chainrule train:" in capsys.readouterr().err


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path):
    out = tmp_path / "run"
    command = [sys.executable, "-m", "chainrule", "train", "digits", "--epochs", "500", "--quiet",
               "--out", str(out)]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONUNBUFFERED": "1"}) as process:  # fmt: skip
        for _ in range(600):
            if (out / "checkpoint.safetensors").exists():
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert f"chainrule train --resume {out}" in errors
    saved = checkpoint.load(out / "checkpoint.safetensors")
    assert saved["progress"]["epoch"] >= 1


def test_help_explains_itself(capsys):
    with pytest.raises(SystemExit):
        cli.main(["train", "--help"])
    text = capsys.readouterr().out
    for word in ("--model", "--resume", "--search", "examples:", "chainrule models", "mnist"):
        assert word in text
    assert cli.main([]) == 2


def test_a_folder_that_cannot_be_made_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "run")
    assert (
        cli.main(["train", "digits", "--epochs", "1", "--limit", "40", "--quiet", "--out", out])
        == 1
    )
    assert out in capsys.readouterr().err
