"""Averaged models: means, exponential averages, batch-norm statistics, the learning rate."""

from __future__ import annotations

import pytest

import chainrule as torch
from chainrule.optim import swa_utils


def model(value):
    m = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.BatchNorm1d(1))
    torch.nn.init.constant_(m[0].weight, value)
    m[1].running_mean.fill_(value)
    return m


@pytest.mark.parametrize(
    ("options", "weight", "mean"),
    [({}, 2.0, 3.0), ({"use_buffers": True}, 2.0, 2.0),
     ({"avg_fn": swa_utils.get_swa_avg_fn()}, 2.0, 3.0),
     ({"multi_avg_fn": swa_utils.get_swa_multi_avg_fn()}, 2.0, 3.0),
     ({"avg_fn": swa_utils.get_ema_avg_fn(0.5)}, 2.25, 3.0),
     ({"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.5), "use_buffers": True}, 2.25, 2.25),
     ({"avg_fn": lambda a, b, n: a + 10 * b}, 51.0, 3.0)],
)  # fmt: skip
def test_averages(options, weight, mean):
    averaged = swa_utils.AveragedModel(model(0.0), **options)
    for value in (1.0, 2.0, 3.0):
        averaged.update_parameters(model(value))
    assert averaged.module[0].weight.item() == pytest.approx(weight)
    assert averaged.module[1].running_mean.item() == pytest.approx(mean)
    assert averaged.n_averaged.item() == 3
    assert next(iter(averaged.state_dict())) == "n_averaged"


def test_the_average_is_apart_from_the_model():
    m = model(1.0)
    averaged = swa_utils.AveragedModel(m)
    averaged.update_parameters(m)
    torch.nn.init.constant_(m[0].weight, 5.0)
    assert averaged.module[0].weight.item() == 1.0
    x = torch.ones(2, 1)
    averaged.eval()
    assert torch.equal(averaged(x), averaged.module(x))


def test_statistics_are_computed_anew():
    m = torch.nn.Sequential(torch.nn.BatchNorm1d(1, momentum=0.3))
    m.eval()
    data = [torch.tensor([[1.0], [3.0]]), (torch.tensor([[5.0], [7.0]]), "label")]
    swa_utils.update_bn(data, m)
    assert m[0].running_mean.item() == 4.0 and m[0].momentum == 0.3 and not m.training
    assert m[0].num_batches_tracked.item() == 2
    swa_utils.update_bn(iter(()), torch.nn.Linear(1, 1))  # nothing to do: no data is read


@pytest.mark.parametrize(
    ("strategy", "rates"), [("linear", [0.85, 0.7, 0.55, 0.4, 0.4]),
                            ("cos", [0.9121320, 0.7, 0.4878679, 0.4, 0.4])],
)  # fmt: skip
def test_the_rate_goes_to_its_goal(strategy, rates):
    optimizer = torch.optim.SGD([torch.ones(1)], lr=1.0)
    schedule = swa_utils.SWALR(optimizer, 0.4, 4, strategy)
    seen = []
    for _ in range(5):
        optimizer.step()
        schedule.step()
        seen += schedule.get_last_lr()
    assert seen == pytest.approx(rates)
    again = swa_utils.SWALR(torch.optim.SGD([torch.ones(1)], lr=1.0), 0.4, 4, strategy)
    again.load_state_dict(schedule.state_dict())
    assert again.last_epoch == schedule.last_epoch


def test_errors():
    optimizer = torch.optim.SGD([torch.ones(1)], lr=1.0)
    with pytest.raises(ValueError, match="decay"):
        swa_utils.get_ema_avg_fn(2.0)
    with pytest.raises(ValueError, match="anneal_strategy"):
        swa_utils.SWALR(optimizer, 0.1, anneal_strategy="steps")
    with pytest.raises(ValueError, match="anneal_epochs"):
        swa_utils.SWALR(optimizer, 0.1, -1)
    with pytest.raises(ValueError, match="same length"):
        swa_utils.SWALR(optimizer, [0.1, 0.2])
    with pytest.raises(AssertionError, match="Only one"):
        swa_utils.AveragedModel(model(1.0), avg_fn=max, multi_avg_fn=max)
