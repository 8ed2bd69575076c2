"""Imported V-Nets compute what their own code computes."""

import pytest
import torch
from torch import nn

from pleura_training.import_vnet import import_vnet
from pleura_training.settings import SegmenterSettings
from pleura_training.weights import Network, to_module


def spread_statistics(module: nn.Module) -> None:
    """Running statistics and affine parameters as a trained network has them, so that a mix-up shows."""
    for name, value in module.state_dict().items():
        if value.dtype.is_floating_point and value.dim() == 1:
            value.uniform_(0.5, 1.5) if name.endswith(("running_var", "weight")) else value.uniform_(-0.5, 0.5)


def relative_error(out, ref):
    return ((out - ref).norm() / ref.norm()).item()


@pytest.mark.parametrize("activation", ("elu", "prelu", "relu"))
@pytest.mark.parametrize("outputs", (1, 2))
def test_monai(activation, outputs):
    nets = pytest.importorskip("monai.networks.nets")
    torch.manual_seed(3)
    theirs = nets.VNet(out_channels=outputs, act=activation, bias=True).double().eval()
    spread_statistics(theirs)
    hyper, tensors = import_vnet(theirs.state_dict(), "elu" if activation == "prelu" else activation)
    assert hyper.activation == activation and hyper.down_convs == [1, 2, 3, 2] and hyper.up_convs == [2, 2, 1, 1]
    ours = to_module(Network(hyper, SegmenterSettings(), tensors)).double()
    x = torch.randn(1, 1, 32, 16, 48, dtype=torch.float64)
    with torch.no_grad():
        out, ref = ours(x), theirs(x)
    if outputs == 1:
        out, ref = out.softmax(1)[:, 1:], ref.sigmoid()
    assert relative_error(out, ref) <= 1e-5


class ContBatchNorm(nn.BatchNorm3d):
    """A batch norm under the name that mattmacy's has."""


class Block(nn.Module):
    """mattmacy's LUConv by its tensors' names."""

    def __init__(self, channels):
        super().__init__()
        self.relu1, self.conv1, self.bn1 = nn.PReLU(), nn.Conv3d(channels, channels, 5, padding=2), ContBatchNorm(channels)

    def forward(self, x):
        return self.relu1(self.bn1(self.conv1(x)))


class Stage(nn.Module):
    """mattmacy's DownTransition or UpTransition by its tensors' names, its dropouts left out as at inference."""

    def __init__(self, inputs, channels, count, up):
        super().__init__()
        half = channels // 2 if up else channels
        sample = nn.ConvTranspose3d if up else nn.Conv3d
        self.add_module("up_conv" if up else "down_conv", sample(inputs, half, 2, stride=2))
        self.bn1, self.relu1, self.relu2 = ContBatchNorm(half), nn.PReLU(half), nn.PReLU(channels)
        self.ops = nn.Sequential(*(Block(channels) for _ in range(count)))

    def forward(self, x, skip=None):
        x = self.relu1(self.bn1(self.down_conv(x) if skip is None else self.up_conv(x)))
        x = x if skip is None else torch.cat((x, skip), 1)
        return self.relu2(self.ops(x) + x)


class End(nn.Module):
    """mattmacy's InputTransition and OutputTransition by their tensors' names."""

    def __init__(self, inputs, outputs, last):
        super().__init__()
        self.conv1, self.bn1, self.relu1 = nn.Conv3d(inputs, outputs, 5, padding=2), ContBatchNorm(outputs), nn.PReLU(outputs)
        self.conv2 = nn.Conv3d(outputs, outputs, 1) if last else None

    def forward(self, x):
        y = self.bn1(self.conv1(x))
        return self.conv2(self.relu1(y)) if self.conv2 else self.relu1(y + x.repeat(1, y.shape[1], 1, 1, 1))


def test_mattmacy():
    torch.manual_seed(4)
    theirs = nn.ModuleDict({"in_tr": End(1, 16, False), "out_tr": End(32, 2, True)})
    for channels, count in ((32, 1), (64, 2), (128, 3), (256, 3)):
        theirs[f"down_tr{channels}"] = Stage(channels // 2, channels, count, up=False)
    for channels, inputs, count in ((256, 256, 3), (128, 256, 2), (64, 128, 1), (32, 64, 1)):
        theirs[f"up_tr{channels}"] = Stage(inputs, channels, count, up=True)
    theirs = theirs.double().eval()
    spread_statistics(theirs)
    hyper, tensors = import_vnet({f"module.{name}": value for name, value in theirs.state_dict().items()})
    assert hyper.activation == "prelu" and hyper.down_convs == [1, 2, 3, 3] and hyper.up_convs == [3, 2, 1, 1]
    x = torch.randn(2, 1, 16, 32, 16, dtype=torch.float64)  # two cases, so that one repeated along the batch would show
    with torch.no_grad():
        skips = [theirs["in_tr"](x)]
        for channels in (32, 64, 128, 256):
            skips.append(theirs[f"down_tr{channels}"](skips[-1]))
        ref = skips[4]
        for channels, skip in zip((256, 128, 64, 32), skips[3::-1]):
            ref = theirs[f"up_tr{channels}"](ref, skip)
        ref = theirs["out_tr"](ref)
        out = to_module(Network(hyper, SegmenterSettings(), tensors)).double()(x)
    assert relative_error(out, ref) <= 1e-5


def test_another_network_is_refused():
    with pytest.raises(KeyError, match="no tensor of"):
        import_vnet({"in_tr.conv9.weight": torch.zeros(1)})
