"""Turns a state dict of MONAI's VNet or of mattmacy/vnet.pytorch into pleura's weights file.

    python -m pleura_training.import_vnet vnet.pt --out vnet.h5 [--activation elu|relu] [--fp16]

Both have ELU or PReLU, batch norm after each convolution, and activate a stage's last convolution before the residual is
added. Counts of convolutions and widths are read from the tensors. mattmacy's network normalises with the batch's own
statistics at inference and repeats its input along the batch; here it runs with the running statistics that its
training recorded, and with the input repeated along the channels, as V-Net's authors meant it. A network of one output
(MONAI's default, under a sigmoid) becomes one of two outputs whose softmax is that sigmoid.
"""

import argparse
import re

import torch

from .settings import SegmenterSettings, VNetHyper
from .weights import Model, Network, Tensors, from_state_dict, tensor_shapes, write_model

_STAGES = {
    "in_tr": "stem", "down_tr32": "down1", "down_tr64": "down2", "down_tr128": "down3", "down_tr256": "down4",
    "up_tr256": "up3", "up_tr128": "up2", "up_tr64": "up1", "up_tr32": "up0", "out_tr": "head",
}  # fmt: skip
_LAYERS = [
    (r"conv_block\.conv|conv1|conv", "conv"),
    (r"conv_block\.adn\.N|bn1", "norm"),
    (r"act_function1?|relu1|prelu", "act"),
    (r"conv2", "logits"),
]
_TRANSITION_LAYERS = [  # of a stage that changes the resolution; {} is down or up
    (r"(down|up)_conv", "{}"),
    (r"bn1", "{}_norm"),
    (r"act_function1|relu1", "{}_act"),
    (r"act_function2|relu2", "act"),
]


def _rename(name: str) -> str:
    """Our name of a tensor of theirs."""
    stage, layer, kind = re.fullmatch(r"(\w+)\.(.+)\.(\w+)", name).groups()
    ours = _STAGES[stage]
    block = re.fullmatch(r"ops\.(\d+)\.(.+)", layer)
    prefix = f"convs.{block[1]}." if block else ""
    direction = re.match("down|up", ours)
    table = _TRANSITION_LAYERS if direction and not block else _LAYERS
    for pattern, target in table:
        if re.fullmatch(pattern, block[2] if block else layer):
            return f"{ours}.{prefix}{target.format(direction[0] if direction else '')}.{kind}"
    raise KeyError(f"{name} is no tensor of MONAI's or mattmacy's V-Net")


def _two_outputs(state: dict[str, torch.Tensor]) -> None:
    """Puts a channel of zeros before the only output: softmax((0, x)) is (1 - sigmoid(x), sigmoid(x))."""
    for name in [name for name in state if name.startswith("head.")]:
        value = state[name]
        first = torch.ones_like(value) if name.endswith("running_var") else torch.zeros_like(value)
        state[name] = torch.cat((first, value))
        if name == "head.logits.weight":
            state[name] = torch.cat((torch.zeros_like(state[name]), state[name]), 1)


def import_vnet(state: dict[str, torch.Tensor], activation: str = "elu") -> tuple[VNetHyper, Tensors]:
    """Hyperparameters and tensors of pleura for a state dict of theirs. `activation` counts where it has no PReLU."""
    state = {
        _rename(name.removeprefix("module.")): value
        for name, value in state.items()
        if not name.endswith("num_batches_tracked")
    }
    if state["head.logits.weight"].shape[0] == 1:
        _two_outputs(state)

    def count(stage: str) -> int:
        return len({name.split(".")[2] for name in state if name.startswith(f"{stage}.convs.")})

    hyper = VNetHyper(
        rpn=False,
        block="conv5",
        channels=[state["stem.conv.weight"].shape[0]] + [state[f"down{n}.down.weight"].shape[0] for n in range(1, 5)],
        down_convs=[count(f"down{n}") for n in range(1, 5)],
        up_convs=[count(f"up{n}") for n in (3, 2, 1, 0)],
        norm="batch",
        activation="prelu" if "stem.act.weight" in state else activation,
        activate_before_add=True,
    )
    shapes = tensor_shapes(hyper)
    for name, shape in shapes.items():
        if name.endswith(".bias") and name not in state:
            state[name] = torch.zeros(shape)  # a convolution without one
        elif name.endswith("act.weight") and state[name].numel() == 1:
            state[name] = state[name].expand(shape)  # one slope for all channels
    wrong = {name for name in shapes.keys() | state.keys() if shapes.get(name) != tuple(getattr(state.get(name), "shape", ()))}
    if wrong:
        raise ValueError(f"these tensors are missing, extra or of another shape than a V-Net's: {sorted(wrong)}")
    return hyper, from_state_dict({name: state[name] for name in shapes})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", help="a state dict saved with torch.save, or a dict that holds it as 'state_dict'")
    parser.add_argument("--out", required=True, help="the weights file to write")
    parser.add_argument("--activation", choices=("elu", "relu"), default="elu", help="where it has no PReLU")
    parser.add_argument("--licence", default="unknown", help="of the weights")
    parser.add_argument("--fp16", action="store_true", help="store half precision")
    arguments = parser.parse_args()
    state = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    hyper, tensors = import_vnet(state.get("state_dict", state), arguments.activation)
    model = Model("imported V-Net", arguments.licence, "research use only", f"imported from {arguments.checkpoint}")
    model.networks["segmenter"] = Network(hyper, SegmenterSettings(threshold=0.5), tensors)
    write_model(model, arguments.out, arguments.fp16)


if __name__ == "__main__":
    main()
