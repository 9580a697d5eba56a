"""torch reads what torch.save of chainrule writes, and the other way round."""

import io

import numpy as np
import pytest
import torch

import chainrule

LAYERS = [
    ("Linear", (2, 3)), ("Conv2d", (3, 4, 3)), ("ConvTranspose2d", (3, 4, 3)),
    ("BatchNorm2d", (3,)), ("LayerNorm", (3,)), ("GroupNorm", (2, 4)), ("Embedding", (4, 2)),
    ("Dropout", (0.5,)), ("GELU", ()), ("MaxPool2d", (2,)), ("Upsample", (None, 2)),
    ("PReLU", ()), ("CrossEntropyLoss", ()), ("Bilinear", (2, 2, 2)), ("LSTM", (2, 3)),
    ("GRU", (2, 3, 2)), ("TransformerEncoderLayer", (4, 2, 8)),
    ("EmbeddingBag", (4, 2)), ("ZeroPad2d", (1,)), ("LocalResponseNorm", (2,)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), LAYERS)
@pytest.mark.parametrize(("here", "there"), [(torch, chainrule), (chainrule, torch)])
def test_modules(name, args, here, there):
    here.manual_seed(0)
    net = here.nn.Sequential(getattr(here.nn, name)(*args))
    file = io.BytesIO()
    here.save(net, file)
    file.seek(0)
    found = there.load(file, weights_only=False)
    assert repr(found) == repr(net)
    there.manual_seed(0)
    fresh = there.nn.Sequential(getattr(there.nn, name)(*args))
    for key, value in fresh.state_dict().items():
        assert np.array_equal(found.state_dict()[key].numpy(), value.numpy()), key
    found.train().double().zero_grad()
    if name in ("LSTM", "GRU", "Linear"):
        assert found[0](there.ones(2, 2).double())[0].shape[-1] == 3


@pytest.mark.parametrize("zipped", [True, False])
def test_state_reaches_torch(zipped):
    base = chainrule.arange(6.0)
    layer = chainrule.nn.Linear(2, 2)
    adam = chainrule.optim.AdamW(layer.parameters())
    layer(chainrule.ones(1, 2)).sum().backward()
    adam.step()
    file = io.BytesIO()
    chainrule.save({"m": layer.state_dict(), "o": adam.state_dict(), "a": base, "b": base[2:],
                    "u": chainrule.tensor([1, 2], dtype=chainrule.uint16), "f": base[0:0]},
                   file, _use_new_zipfile_serialization=zipped)  # fmt: skip
    file.seek(0)
    found = torch.load(file)  # weights only, torch's own guard
    peer = torch.nn.Linear(2, 2)
    peer.load_state_dict(found["m"])
    torch.optim.AdamW(peer.parameters()).load_state_dict(found["o"])
    assert np.array_equal(peer.weight.detach().numpy(), layer.weight.detach().numpy())
    found["a"][2] = -1
    assert found["b"][0] == -1 and found["u"].tolist() == [1, 2] and found["f"].shape == (0,)


def test_mapping_our_file(tmp_path):
    chainrule.save({"w": chainrule.arange(100.0)}, tmp_path / "x.pt")
    found = torch.load(tmp_path / "x.pt", mmap=True)
    assert found["w"].tolist() == list(range(100))
