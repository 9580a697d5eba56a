"""Models: those the lectures name and those that programs ask for, written to be read.

The networks for images carry torchvision's names, arguments and `state_dict` keys, and start from
the same weights for the same seed.
"""

from chainrule.models import weights as _weights
from chainrule.models.alexnet import AlexNet, alexnet
from chainrule.models.cifar_resnet import (
    CifarResNet,
    resnet20,
    resnet32,
    resnet44,
    resnet56,
    resnet110,
)
from chainrule.models.classifiers import (
    SVM,
    KNearestNeighbors,
    LinearClassifier,
    ThreeLayerNet,
    TwoLayerNet,
)
from chainrule.models.gan import (
    DCGAN,
    WGANGP,
    DCGANDiscriminator,
    DCGANGenerator,
    gradient_penalty,
)
from chainrule.models.googlenet import GoogLeNet, GoogLeNetOutputs, googlenet
from chainrule.models.gpt import GPT, GPTConfig
from chainrule.models.lstm_lm import LSTMLanguageModel
from chainrule.models.ntm import NTM
from chainrule.models.randomly_wired import RandomlyWired, randwire_small
from chainrule.models.registry import get_model, list_models
from chainrule.models.resnet import (
    ResNet,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
    resnext50_32x4d,
    resnext101_32x8d,
    resnext101_64x4d,
    wide_resnet50_2,
    wide_resnet101_2,
)
from chainrule.models.vae import VAE
from chainrule.models.vgg import (
    VGG,
    vgg11,
    vgg11_bn,
    vgg13,
    vgg13_bn,
    vgg16,
    vgg16_bn,
    vgg19,
    vgg19_bn,
)

globals().update(_weights.ENUMS)

__all__ = [
    "AlexNet",
    "CifarResNet",
    "DCGAN",
    "DCGANDiscriminator",
    "DCGANGenerator",
    "GPT",
    "GPTConfig",
    "GoogLeNet",
    "GoogLeNetOutputs",
    "KNearestNeighbors",
    "LSTMLanguageModel",
    "LinearClassifier",
    "NTM",
    "RandomlyWired",
    "ResNet",
    "SVM",
    "ThreeLayerNet",
    "TwoLayerNet",
    "VAE",
    "VGG",
    "WGANGP",
    "alexnet",
    "get_model",
    "googlenet",
    "gradient_penalty",
    "list_models",
    "randwire_small",
    "resnet101",
    "resnet110",
    "resnet152",
    "resnet18",
    "resnet20",
    "resnet32",
    "resnet34",
    "resnet44",
    "resnet50",
    "resnet56",
    "resnext101_32x8d",
    "resnext101_64x4d",
    "resnext50_32x4d",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
    "wide_resnet101_2",
    "wide_resnet50_2",
    *_weights.ENUMS,
]
