"""MONAI's own VNet, imported into our weights file and run by our engine."""

import pytest
import torch
from monai.networks.nets import VNet
from pleura_training.import_vnet import import_vnet
from pleura_training.settings import SegmenterSettings
from pleura_training.weights import Model, Network

from engine import run_network
from errors import accept


@pytest.mark.parametrize("activation", ("elu", "prelu"))
def test_monais_vnet(programs, tmp_path, activation):
    torch.manual_seed(7)
    theirs = VNet(out_channels=2, act=activation).eval()
    x = torch.randn(1, 1, 32, 48, 16)
    with torch.no_grad():
        theirs.train()(x)  # moves the running statistics away from 0 and 1
        ref = theirs.eval().double()(x.double()).numpy()
    hyper, tensors = import_vnet(theirs.float().state_dict())
    model = Model("MONAI's VNet", "", "", "", {"segmenter": Network(hyper, SegmenterSettings(threshold=0.5), tensors)})
    accept(run_network(programs, tmp_path, model, x.numpy()), ref, 1e-5)
