"""Models that write, draw and remember, trained for a moment on real data.

    python examples/zoo_generators.py            all: gpt, lstm, vae, dcgan, wgan_gp, ntm
    python examples/zoo_generators.py gpt vae    some

Texts are the source of chainrule's own GPT, images the digits that ship with it; the Neural Turing
Machine repeats random bits.  Printed are the first loss and the last.
"""

import sys

import chainrule as torch
from chainrule import models


def fit(parameters, loss, steps, rate=3e-3):
    optimizer = torch.optim.Adam(parameters, rate, betas=(0.5, 0.9))
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


def text(name, steps, context=32):
    with open(models.gpt.__file__) as file:
        source = file.read()
    known = sorted(set(source))
    numbers = torch.tensor([known.index(letter) for letter in source])
    if name == "gpt":
        model = models.GPT(vocab_size=len(known), block_size=context, n_layer=2, n_embd=64)
    else:
        model = models.LSTMLanguageModel(len(known), 64, 64, layers=1)

    def loss():
        at = torch.randint(len(numbers) - context, (8, 1)) + torch.arange(context)
        return model.loss(numbers[at], numbers[at + 1])

    return fit(model.parameters(), loss, steps)


def images(name, steps):
    real = torch.datasets.Digits().data[:64].float().unsqueeze(1) / 16
    if name == "vae":
        model = models.VAE(64, hidden=64, latent=8)
        return fit(model.parameters(), lambda: model.loss(real), steps)
    model = models.get_model(name, latent=16, width=8, channels=1, size=8)
    losses = []
    for _ in range(steps // 5):
        judge = model.discriminator.parameters()
        losses += fit(judge, lambda: model.discriminator_loss(real * 2 - 1), 5)
        fit(model.generator.parameters(), lambda: model.generator_loss(16), 1)
    return losses


def memory(name, steps):
    machine = models.NTM(9, 8, hidden=32, slots=16, width=8)
    bits, target = models.ntm.copy_task(16, 3)
    return fit(machine.parameters(), lambda: machine.loss(bits, target), steps, 1e-2)


WAYS = {"gpt": text, "lstm": text, "vae": images, "dcgan": images, "wgan_gp": images, "ntm": memory}


def main(names=None, steps=20):
    found = {}
    for name in names or WAYS:
        torch.manual_seed(0)
        found[name] = WAYS[name](name, steps)
        print(f"{name:<8} {found[name][0]:8.4f} -> {found[name][-1]:.4f}", flush=True)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
