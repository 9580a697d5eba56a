"""Transforms of images to compare with torchvision's: each a name and how it is built."""


def mode(t, name):
    return t.InterpolationMode[name]


CASES = {
    "resize": lambda t: t.Resize(7),
    "resize_both": lambda t: t.Resize((7, 21)),
    "resize_up_bicubic": lambda t: t.Resize((20, 30), mode(t, "BICUBIC")),
    "resize_nearest": lambda t: t.Resize((7, 9), mode(t, "NEAREST")),
    "resize_max": lambda t: t.Resize(8, max_size=10),
    "center_crop": lambda t: t.CenterCrop((7, 8)),
    "center_crop_larger": lambda t: t.CenterCrop(20),
    "pad": lambda t: t.Pad((1, 2, 3, 0), fill=7),
    "pad_edge": lambda t: t.Pad(2, padding_mode="edge"),
    "pad_reflect": lambda t: t.Pad((1, 3), padding_mode="reflect"),
    "pad_symmetric": lambda t: t.Pad((2, -1, 3, 1), padding_mode="symmetric"),
    "random_crop": lambda t: t.RandomCrop(12, padding=4),
    "random_crop_if_needed": lambda t: t.RandomCrop((18, 10), pad_if_needed=True),
    "random_resized_crop": lambda t: t.RandomResizedCrop(10),
    "random_resized_crop_fails": lambda t: t.RandomResizedCrop(6, (2.0, 3.0), (3.0, 4.0)),
    "flip": lambda t: t.RandomHorizontalFlip(),
    "flip_vertical": lambda t: t.RandomVerticalFlip(0.7),
    "rotation": lambda t: t.RandomRotation(30),
    "rotation_expand": lambda t: t.RandomRotation(
        (40, 50), mode(t, "BILINEAR"), expand=True, fill=9
    ),
    "affine": lambda t: t.RandomAffine(10, (0.1, 0.2), (0.8, 1.2), (1, 9, 2, 8), center=(3, 5)),
    "affine_bilinear": lambda t: t.RandomAffine(0, shear=20, interpolation=mode(t, "BILINEAR")),
    "perspective": lambda t: t.RandomPerspective(0.4, p=1.0),
    "elastic": lambda t: t.ElasticTransform(20.0, 1.5),
    "gray": lambda t: t.Grayscale(3),
    "random_gray": lambda t: t.RandomGrayscale(0.5),
    "jitter": lambda t: t.ColorJitter(0.4, 0.4, 0.4, 0.1),
    "jitter_hue": lambda t: t.ColorJitter(hue=(-0.3, 0.4)),
    "jitter_bright": lambda t: t.ColorJitter(brightness=(1.2, 1.9)),
    "blur": lambda t: t.GaussianBlur((3, 5)),
    "invert": lambda t: t.RandomInvert(0.9),
    "posterize": lambda t: t.RandomPosterize(3, p=1),
    "solarize": lambda t: t.RandomSolarize(0.6, p=1),
    "sharpness": lambda t: t.RandomAdjustSharpness(1.7, p=1),
    "autocontrast": lambda t: t.RandomAutocontrast(p=1),
    "equalize": lambda t: t.RandomEqualize(p=1),
    "erasing": lambda t: t.RandomErasing(1.0, value=(1, 2, 3)),
    "erasing_random": lambda t: t.RandomErasing(0.9, value="random"),
    "apply": lambda t: t.RandomApply([t.RandomVerticalFlip(), t.RandomRotation(90)], 0.8),
    "choice": lambda t: t.RandomChoice([t.CenterCrop(5), t.CenterCrop(6)], [0.4, 0.6]),
    "order": lambda t: t.RandomOrder([t.RandomCrop(7), t.RandomHorizontalFlip()]),
    "compose": lambda t: t.Compose([t.RandomCrop(9, 1), t.RandomHorizontalFlip()]),
    "normalize": lambda t: t.Normalize((0.1, 0.2, 0.3), (0.4, 0.5, 0.6)),
    "to_tensor": lambda t: t.ToTensor(),
    "pil_to_tensor": lambda t: t.PILToTensor(),
    "auto": lambda t: t.AutoAugment(),
    "auto_cifar": lambda t: t.AutoAugment(t.AutoAugmentPolicy.CIFAR10),
    "auto_svhn": lambda t: t.AutoAugment(t.AutoAugmentPolicy.SVHN, fill=3),
    "rand_augment": lambda t: t.RandAugment(3, 12),
    "trivial": lambda t: t.TrivialAugmentWide(),
    "augmix": lambda t: t.AugMix(5, all_ops=False),
}
SEEDS = {"picture": (0, 1), "bytes": (0, 1), "floats": (0,)}
HEIGHT, WIDTH = 10, 14

NETWORKS = {  # how each is built from a module of models, and the side of its images
    "densenet": (lambda m: m.DenseNet(8, (2, 2), 16, num_classes=3, drop_rate=0.1), 32),
    "squeezenet": (lambda m: m.SqueezeNet("1_0", num_classes=3), 48),
    "mobilenet_v2": (lambda m: m.MobileNetV2(num_classes=3, width_mult=0.25), 64),
    "mobilenet_v3": (lambda m: m.mobilenet_v3_small(num_classes=3, reduced_tail=True), 64),
    "shufflenet": (lambda m: m.ShuffleNetV2([1, 2, 1], [8, 8, 16, 32, 64], num_classes=3), 64),
    "efficientnet": (lambda m: m.efficientnet_b0(num_classes=3), 64),
    "efficientnet_v2": (lambda m: m.efficientnet_v2_s(num_classes=3), 96),
    "inception": (lambda m: m.Inception3(3, aux_logits=False, init_weights=False), 107),
    "vit": (lambda m: m.VisionTransformer(16, 4, 2, 2, 8, 16, 0.1, 0.0, 3, 5), 16),
}


def outputs(torch, models, name):
    """What a network gives in evaluation and in training, and the next number of the stream."""
    build, side = NETWORKS[name]
    torch.manual_seed(0)
    net = build(models)
    if name == "vit":
        torch.nn.init.normal_(net.heads.head.weight)
    x = torch.randn(3, 3, side, side)
    with torch.no_grad():
        trained = net(x)
        found = [net.eval()(x), *(trained if isinstance(trained, tuple) else [trained])]
    return [*(t.flatten().tolist() for t in found), [torch.rand(1).item()]]
