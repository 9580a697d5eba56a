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
from chainrule.models.densenet import (
    DenseNet,
    densenet121,
    densenet161,
    densenet169,
    densenet201,
)
from chainrule.models.efficientnet import (
    EfficientNet,
    efficientnet_b0,
    efficientnet_b1,
    efficientnet_b2,
    efficientnet_b3,
    efficientnet_b4,
    efficientnet_b5,
    efficientnet_b6,
    efficientnet_b7,
    efficientnet_v2_l,
    efficientnet_v2_m,
    efficientnet_v2_s,
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
from chainrule.models.inception import (
    Inception3,
    InceptionOutputs,
    inception_v3,
)
from chainrule.models.lstm_lm import LSTMLanguageModel
from chainrule.models.mobilenet import (
    MobileNetV2,
    MobileNetV3,
    mobilenet_v2,
    mobilenet_v3_large,
    mobilenet_v3_small,
)
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
from chainrule.models.shufflenet import (
    ShuffleNetV2,
    shufflenet_v2_x0_5,
    shufflenet_v2_x1_0,
    shufflenet_v2_x1_5,
    shufflenet_v2_x2_0,
)
from chainrule.models.squeezenet import (
    SqueezeNet,
    squeezenet1_0,
    squeezenet1_1,
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
from chainrule.models.vision_transformer import (
    VisionTransformer,
    vit_b_16,
    vit_b_32,
    vit_h_14,
    vit_l_16,
    vit_l_32,
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
    "DenseNet",
    "densenet121",
    "densenet161",
    "densenet169",
    "densenet201",
    "EfficientNet",
    "efficientnet_b0",
    "efficientnet_b1",
    "efficientnet_b2",
    "efficientnet_b3",
    "efficientnet_b4",
    "efficientnet_b5",
    "efficientnet_b6",
    "efficientnet_b7",
    "efficientnet_v2_s",
    "efficientnet_v2_m",
    "efficientnet_v2_l",
    "Inception3",
    "InceptionOutputs",
    "inception_v3",
    "MobileNetV2",
    "MobileNetV3",
    "mobilenet_v2",
    "mobilenet_v3_large",
    "mobilenet_v3_small",
    "ShuffleNetV2",
    "shufflenet_v2_x0_5",
    "shufflenet_v2_x1_0",
    "shufflenet_v2_x1_5",
    "shufflenet_v2_x2_0",
    "SqueezeNet",
    "squeezenet1_0",
    "squeezenet1_1",
    "VisionTransformer",
    "vit_b_16",
    "vit_b_32",
    "vit_h_14",
    "vit_l_16",
    "vit_l_32",
    *_weights.ENUMS,
]
