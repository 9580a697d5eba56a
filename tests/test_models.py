"""The model zoo: torchvision's keys and weights, and that each model learns something."""

import hashlib
import json
import math
import pathlib
import warnings

import numpy as np
import pytest

import chainrule as torch
from chainrule import models, nn
from chainrule.models.registry import MODELS, WEIGHTS

RECORDED = json.loads((pathlib.Path(__file__).parent / "recorded" / "models.json").read_text())
NAMES = [name for name in RECORDED if name in MODELS]


@pytest.fixture
def undrawn(monkeypatch):
    """Weights are left as they come: shapes need no random numbers."""
    for name in dir(nn.init):
        if name.endswith("_") and not name.startswith("_"):
            monkeypatch.setattr(nn.init, name, lambda tensor, *args, **kwargs: tensor)


@pytest.mark.parametrize("name", NAMES)
def test_keys_and_shapes_are_those_of_torchvision(name, undrawn):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = models.get_model(name)
    state = model.state_dict()
    text = "\n".join(f"{k} {tuple(v.shape)}" for k, v in state.items())
    assert len(state) == RECORDED[name]["entries"]
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == RECORDED[name]["digest"]
    assert sum(p.numel() for p in model.parameters()) == WEIGHTS[name]


DRAWN = ("resnet18", "googlenet", "mobilenet_v2", "squeezenet1_1")


@pytest.mark.parametrize("name", [n for n in DRAWN if n in MODELS])
def test_initial_weights_are_those_of_torchvision(name):
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = models.get_model(name)
    weights = [p for p in model.parameters() if p.ndim > 1]
    sums = [float(w.detach().double().sum()) for w in (weights[0], weights[-1])]
    np.testing.assert_allclose(sums, RECORDED[name]["sums"], rtol=1e-6)


OWN = {
    "cifar_resnet20": {}, "ntm": {}, "gpt": {}, "lstm": {}, "vae": {}, "dcgan": {},
    "wgan_gp": {}, "randwire": {},
}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_the_number_of_weights(name, undrawn):
    model = models.get_model(name)
    assert sum(p.numel() for p in model.parameters()) == WEIGHTS[name]


def test_an_unknown_model_and_unknown_weights():
    with pytest.raises(ValueError, match=r"(?s)Unknown model resnet19.*resnet18"):
        models.get_model("resnet19")
    with pytest.raises(ValueError, match="has no weights"):
        models.resnet18(weights="IMAGENET22K")
    with pytest.raises(TypeError, match="Expected Weight class"):
        models.resnet18(weights=3)
    assert models.ResNet50_Weights.DEFAULT is models.ResNet50_Weights.IMAGENET1K_V2
    assert models.ResNet18_Weights.IMAGENET1K_V1.url.endswith("/resnet18-f37072fd.pth")


def test_published_weights_are_fetched_and_checked(tmp_path, monkeypatch):
    """The download is the hub's; what arrives is what the model gets."""
    asked = []

    def fetch(url, *args, check_hash, **kwargs):
        asked.append((url, check_hash))
        return {k: torch.full(v.shape, 0.5) for k, v in models.resnet18().state_dict().items()}

    monkeypatch.setattr("chainrule.hub.load_state_dict_from_url", fetch)
    net = models.resnet18(weights="IMAGENET1K_V1")
    assert asked == [(models.ResNet18_Weights.DEFAULT.url, True)]
    assert float(net.fc.weight.detach().max()) == 0.5
    with pytest.warns(UserWarning, match="'pretrained' is deprecated"):
        models.resnet18(pretrained=True)
    assert len(asked) == 2


def train(model, loss, steps=12, lr=1e-3):
    adam = torch.optim.Adam(model.parameters(), lr)
    losses = []
    for _ in range(steps):
        adam.zero_grad()
        value = loss()
        value.backward()
        adam.step()
        losses.append(value.item())
    assert all(map(math.isfinite, losses))
    return losses


@pytest.fixture(scope="module")
def digits():
    data = torch.datasets.Digits()
    return data.data[:64].float().unsqueeze(1) / 16, data.targets[:64]


CLASSIFIERS = {
    "linear": {"features": 64}, "svm": {"features": 64}, "two_layer": {"features": 64},
    "three_layer": {"features": 64}, "cifar_resnet20": {"channels": 1, "width": 4},
    "randwire": {"channels": 1, "width": 4, "nodes": 5, "small": True},
}  # fmt: skip


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifiers_learn(name, digits):
    torch.manual_seed(0)
    images, labels = digits
    model = models.get_model(name, num_classes=10, **CLASSIFIERS[name])
    loss = getattr(model, "loss", nn.functional.cross_entropy)
    losses = train(model, lambda: loss(model(images), labels), steps=20, lr=1e-2)
    assert losses[-1] < 0.8 * losses[0]


def test_the_hinge_loss_is_that_of_the_lectures():
    scores = torch.tensor([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    losses = [models.SVM.loss(s[None], torch.tensor([y])).item() for y, s in enumerate(scores)]
    np.testing.assert_allclose(losses, [2.9, 0, 12.9], atol=1e-5)


def test_neighbours_are_right_on_their_own_images(digits):
    images, labels = digits
    knn = models.KNearestNeighbors(1).fit(images, labels)
    assert (knn(images).argmax(1) == labels).all()
    with pytest.raises(ValueError, match="no neighbours yet"):
        models.KNearestNeighbors(3)(images)


@pytest.mark.parametrize("make", [
    lambda: models.GPT(vocab_size=5, block_size=8, n_layer=1, n_embd=16, n_head=2),
    lambda: models.LSTMLanguageModel(5, 16, 16, layers=1, tie_weights=True),
])  # fmt: skip
def test_language_models_learn_and_write(make):
    torch.manual_seed(0)
    model = make()
    text = torch.arange(9).repeat(4, 1) % 5
    losses = train(model, lambda: model.loss(text[:, :-1], text[:, 1:]), steps=60, lr=1e-2)
    assert losses[-1] < 0.3 * losses[0]
    written = model.generate(text[:1, :4], 6, temperature=0.1)
    assert written.tolist()[0] == [i % 5 for i in range(10)]


def test_the_first_loss_of_a_language_model_is_log_of_the_vocabulary():
    torch.manual_seed(0)
    text = torch.randint(65, (4, 65))
    loss = models.GPT().loss(text[:, :-1], text[:, 1:]).item()
    assert abs(loss - math.log(65)) < 0.1


def test_gpt_does_not_look_ahead():
    torch.manual_seed(0)
    model = models.GPT(vocab_size=7, block_size=6, n_layer=2, n_embd=8, n_head=2).eval()
    text = torch.randint(7, (1, 6))
    other = text.clone()
    other[0, -1] = (other[0, -1] + 1) % 7
    a, b = model(text), model(other)
    assert torch.equal(a[:, :-1], b[:, :-1]) and not torch.equal(a[:, -1], b[:, -1])
    with pytest.raises(ValueError, match="longer than the context"):
        model(torch.zeros(1, 7, dtype=torch.long))


def test_the_turing_machine_learns_and_its_addresses_are_distributions():
    torch.manual_seed(0)
    machine = models.NTM(5, 4, hidden=16, slots=8, width=6)
    sequence, target = models.ntm.copy_task(8, 2, 4)
    losses = train(machine, lambda: machine.loss(sequence, target), steps=30, lr=1e-2)
    assert losses[-1] < 0.9 * losses[0]
    _, state = machine(sequence)
    assert torch.allclose(state.address.sum(-1), torch.ones(2, 8))
    assert all(p.grad is not None for p in machine.parameters())


@pytest.mark.parametrize("kind", [models.DCGAN, models.WGANGP])
def test_adversaries_learn(kind, digits):
    torch.manual_seed(0)
    real = nn.functional.pad(digits[0][:16], (0,) * 4) * 2 - 1
    gan = kind(latent=8, width=4, channels=1, size=8)
    losses = train(gan.discriminator, lambda: gan.discriminator_loss(real), steps=25, lr=5e-3)
    assert losses[-1] < losses[0]
    gan.zero_grad()
    gan.generator_loss(4).backward()
    assert all(p.grad is not None for p in gan.generator.parameters())
    assert gan.generator.sample(3).shape == (3, 1, 8, 8)
    with pytest.raises(ValueError, match="8, 16, 32"):
        kind(size=20)


def test_the_gradient_penalty_of_a_linear_critic():
    weight = torch.tensor([3.0, 4.0])
    penalty = models.gradient_penalty(lambda x: x @ weight, torch.rand(5, 2), torch.rand(5, 2))
    assert abs(penalty.item() - 16) < 1e-4  # (|w| - 1)²


def test_the_autoencoder_learns(digits):
    torch.manual_seed(0)
    model = models.VAE(64, hidden=32, latent=4)
    losses = train(model, lambda: model.loss(digits[0]), steps=40, lr=1e-2)
    assert losses[-1] < 0.8 * losses[0]
    drawn = model.sample(3)
    assert drawn.shape == (3, 64) and 0 <= float(drawn.min()) <= float(drawn.max()) <= 1


@pytest.mark.parametrize("wiring", ["ws", "er", "ba"])
def test_wirings_follow_their_seed(wiring):
    def keys(seed):
        net = models.RandomlyWired(4, wiring, nodes=8, width=4, stages=2, seed=seed)
        return [s.inputs for s in net.stages]

    assert keys(1) == keys(1) != keys(2)
    assert all(max(sources, default=-1) < i for graph in keys(3) for i, sources in enumerate(graph))
