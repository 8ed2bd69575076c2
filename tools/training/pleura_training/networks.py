"""V-Net, its region-proposal forms and the classifier as PyTorch modules, named as docs/weights-format.md says."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from .settings import ClassifierHyper, VNetHyper


def _norm(kind: str, channels: int) -> nn.Module:
    return nn.BatchNorm3d(channels) if kind == "batch" else nn.Identity()


def _activation(kind: str, channels: int) -> nn.Module:
    return {"prelu": lambda: nn.PReLU(channels), "elu": nn.ELU, "relu": nn.ReLU}[kind]()


class Conv5(nn.Module):
    """Convolution 5^3, norm, activation; a stage's last one is activated only where `activate` says so."""

    def __init__(self, channels: int, hyper: VNetHyper, activate: bool):
        super().__init__()
        self.conv = nn.Conv3d(channels, channels, 5, padding=2)
        self.norm = _norm(hyper.norm, channels)
        self.act = _activation(hyper.activation, channels) if activate else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(x)))


class InceptionResNet(nn.Module):
    """Three branches of a quarter of the channels (1^3; 1^3, 3^3; 1^3, 3^3, 3^3), joined by 1^3, plus the input."""

    def __init__(self, channels: int, hyper: VNetHyper):
        super().__init__()
        self.branch = branch = channels // 4
        self.reduce = nn.Conv3d(channels, 3 * branch, 1)
        self.reduce_norm = _norm(hyper.norm, 3 * branch)
        self.reduce_act = _activation(hyper.activation, 3 * branch)
        for name in ("mid1", "mid2a", "mid2b"):
            setattr(self, name, nn.Conv3d(branch, branch, 3, padding=1))
            setattr(self, f"{name}_norm", _norm(hyper.norm, branch))
            setattr(self, f"{name}_act", _activation(hyper.activation, branch))
        self.expand = nn.Conv3d(3 * branch, channels, 1)
        self.expand_norm = _norm(hyper.norm, channels)
        self.act = _activation(hyper.activation, channels)

    def forward(self, x: Tensor) -> Tensor:
        first, second, third = self.reduce_act(self.reduce_norm(self.reduce(x))).split(self.branch, dim=1)
        second = self.mid1_act(self.mid1_norm(self.mid1(second)))
        third = self.mid2a_act(self.mid2a_norm(self.mid2a(third)))
        third = self.mid2b_act(self.mid2b_norm(self.mid2b(third)))
        return self.act(x + self.expand_norm(self.expand(torch.cat((first, second, third), 1))))


def _blocks(channels: int, count: int, hyper: VNetHyper) -> nn.Sequential:
    if hyper.block == "inception-resnet":
        return nn.Sequential(*(InceptionResNet(channels, hyper) for _ in range(count)))
    return nn.Sequential(
        *(Conv5(channels, hyper, hyper.activate_before_add or i + 1 < count) for i in range(count))
    )


class Stem(nn.Module):
    """Convolution 5^3 from one channel, norm, plus the input on every channel, activation."""

    def __init__(self, channels: int, hyper: VNetHyper):
        super().__init__()
        self.conv = nn.Conv3d(1, channels, 5, padding=2)
        self.norm = _norm(hyper.norm, channels)
        self.act = _activation(hyper.activation, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(x)) + x)


class Down(nn.Module):
    """Convolution 2^3 of stride 2, then the stage's blocks with their residual."""

    def __init__(self, inputs: int, channels: int, count: int, hyper: VNetHyper):
        super().__init__()
        self.down = nn.Conv3d(inputs, channels, 2, stride=2)
        self.down_norm = _norm(hyper.norm, channels)
        self.down_act = _activation(hyper.activation, channels)
        self.convs = _blocks(channels, count, hyper)
        self.act = _activation(hyper.activation, channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.down_act(self.down_norm(self.down(x)))
        return self.act(self.convs(x) + x)


class Up(nn.Module):
    """Deconvolution 2^3 of stride 2, concatenation (deconvolution, skip), then the stage's blocks with their residual."""

    def __init__(self, inputs: int, channels: int, count: int, hyper: VNetHyper):
        super().__init__()
        self.up = nn.ConvTranspose3d(inputs, channels, 2, stride=2)
        self.up_norm = _norm(hyper.norm, channels)
        self.up_act = _activation(hyper.activation, channels)
        self.convs = _blocks(2 * channels, count, hyper)
        self.act = _activation(hyper.activation, 2 * channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = torch.cat((self.up_act(self.up_norm(self.up(x))), skip), 1)
        return self.act(self.convs(x) + x)


class Head(nn.Module):
    """Convolution, norm, activation, convolution 1^3 to the logits."""

    def __init__(self, inputs: int, channels: int, kernel: int, outputs: int, hyper: VNetHyper):
        super().__init__()
        self.conv = nn.Conv3d(inputs, channels, kernel, padding=kernel // 2)
        self.norm = _norm(hyper.norm, channels)
        self.act = _activation(hyper.activation, channels)
        self.logits = nn.Conv3d(channels, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.logits(self.act(self.norm(self.conv(x))))


class VNet(nn.Module):
    """V-Net with a mask head (N, 2, D, H, W) or a region-proposal head (N, A * (5 + K), D/4, H/4, W/4).

    Input: (N, 1, D, H, W), sizes multiples of 16. The decoder of a region-proposal form stops at stride 4.
    """

    def __init__(self, hyper: VNetHyper):
        super().__init__()
        self.hyper = hyper
        widths = hyper.channels
        self.stem = Stem(widths[0], hyper)
        for n in range(1, 5):
            self.add_module(f"down{n}", Down(widths[n - 1], widths[n], hyper.down_convs[n - 1], hyper))
        self.ups = (3, 2) if hyper.rpn else (3, 2, 1, 0)
        for n in self.ups:
            inputs = widths[4] if n == 3 else 2 * widths[n + 1]
            stage = hyper if n >= 2 else replace(hyper, block="conv5")  # `block` reaches to up2
            self.add_module(f"up{n}", Up(inputs, widths[n], hyper.up_convs[3 - n], stage))
        if hyper.rpn:
            self.head = Head(2 * widths[2], widths[2], 1, hyper.anchors * (5 + hyper.extra_classes), hyper)
        else:
            self.head = Head(2 * widths[0], 2, 5, 2, hyper)

    def forward(self, x: Tensor) -> Tensor:
        skips = [self.stem(x)]
        for n in range(1, 5):
            skips.append(getattr(self, f"down{n}")(skips[-1]))
        x = skips[4]
        for n in self.ups:
            x = getattr(self, f"up{n}")(x, skips[n])
        return self.head(x)


class ConvNorm(nn.Module):
    """Convolution 3^2, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(x)))


class BasicBlock(nn.Module):
    """Two convolutions 3^2 with batch norm, plus the input."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.norm2(self.conv2(torch.relu(self.norm1(self.conv1(x))))))


class Classifier(nn.Module):
    """The ResNet-18-like classifier with location attention (paper figure 4): logits (N, 3).

    Input: patches (N, 3, 60, 60) and, where the model uses them, distances (N) already shifted and scaled.
    """

    def __init__(self, hyper: ClassifierHyper):
        super().__init__()
        self.hyper = hyper
        self.stem = ConvNorm(3, 16)
        self.blocks = nn.Sequential(*(BasicBlock(16) for _ in range(hyper.blocks)))
        self.widen = ConvNorm(16, 32)
        self.narrow = ConvNorm(32, 16)
        self.last = ConvNorm(16, 4)
        side = -(-(hyper.pixels // 4) // 2)
        self.fc = nn.ModuleDict()
        inputs = 4 * side * side
        for i, width in enumerate(hyper.hidden):
            self.fc[str(i)] = nn.Linear(inputs, width)
            inputs = width + (1 if i == 0 and hyper.uses_distance else 0)
        self.fc["out"] = nn.Linear(inputs, 3)

    def forward(self, patches: Tensor, distances: Tensor | None = None) -> Tensor:
        pool = nn.functional.max_pool2d
        x = self.blocks(pool(self.stem(patches), 2))
        x = pool(self.narrow(self.widen(x)), 2)
        x = pool(self.last(x), 2, ceil_mode=True).flatten(1)
        for i in range(len(self.hyper.hidden)):
            x = torch.relu(self.fc[str(i)](x))
            if i == 0 and self.hyper.uses_distance:
                x = torch.cat((x, distances[:, None]), 1)
        return self.fc["out"](x)


def build(hyper: VNetHyper | ClassifierHyper) -> nn.Module:
    """The network of some hyperparameters, with PyTorch's own initial weights."""
    return VNet(hyper) if isinstance(hyper, VNetHyper) else Classifier(hyper)
