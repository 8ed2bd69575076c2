"""Puts trained checkpoints together into one weights file of pleura.

    python -m pleura_training.export segmenter.pt m1.pt m2.pt --out pleura.h5 --name NAME [--fp16]

A checkpoint is what `pleura_training.segmenter` and `pleura_training.classifier` write. A weights file (.h5) may stand in
for one: its networks are taken over.
"""

import argparse
from pathlib import Path

from .checkpoint import load_network
from .weights import Model, read_model, write_model

INTENDED_USE = "research use only; not a medical device"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", nargs="+", type=Path, help="checkpoints (.pt) or weights files (.h5)")
    parser.add_argument("--out", required=True, type=Path, help="the weights file to write")
    parser.add_argument("--name", default="pleura", help="for people, and in result.json")
    parser.add_argument("--licence", default="Apache-2.0", help="of the weights")
    parser.add_argument("--provenance", help="what they were trained on; default: what the checkpoints say")
    parser.add_argument("--threshold", type=float, help="objectness below which a proposal is dropped")
    parser.add_argument("--fp16", action="store_true", help="store half precision")
    arguments = parser.parse_args()
    model = Model(arguments.name, arguments.licence, INTENDED_USE, "")
    origins = []
    for file in arguments.checkpoints:
        if file.suffix == ".h5":
            other = read_model(file)
            model.networks |= other.networks
            origins.append(other.provenance)
        else:
            path, network, origin = load_network(file)
            model.networks[path] = network
            origins.append(origin)
    model.provenance = arguments.provenance or "; ".join(origins)
    if arguments.threshold is not None:
        model.networks["segmenter"].settings.threshold = arguments.threshold
    write_model(model, arguments.out, arguments.fp16)


if __name__ == "__main__":
    main()
