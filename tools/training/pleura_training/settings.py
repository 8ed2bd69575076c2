"""Hyperparameters and settings of a weights file: the twins of the structs in weights/model.hpp, with the same defaults."""

from dataclasses import dataclass, field


@dataclass
class VNetHyper:
    """Hyperparameters of V-Net and its region-proposal forms."""

    rpn: bool = True  # region-proposal head at stride 4; else mask head at stride 1
    block: str = "inception-resnet"  # or conv5
    channels: list[int] = field(default_factory=lambda: [16, 32, 64, 128, 256])
    down_convs: list[int] = field(default_factory=lambda: [1, 2, 3, 3])
    up_convs: list[int] = field(default_factory=lambda: [3, 2, 1, 1])
    norm: str = "batch"  # or none
    activation: str = "prelu"  # or elu, relu
    activate_before_add: bool = False
    anchors: int = 3  # A of the RPN head
    extra_classes: int = 0  # K of the RPN head


@dataclass
class SegmenterSettings:
    """What inference must share with the segmenter's training."""

    spacing_mm: list[float] = field(default_factory=lambda: [2.0, 2.0, 2.0])  # (z, y, x)
    hu_window: list[float] = field(default_factory=lambda: [-1200.0, 600.0])
    outside_hu: float = 0.0  # nan: voxels outside the lungs are left as they are
    outside_margin_mm: float = 6.0
    threshold: float = 0.047
    nms_iou: float = 0.05
    max_regions: int = 32
    anchors_mm: list[float] = field(default_factory=lambda: [10.0, 30.0, 60.0])
    min_component_ml: float = 0.1


@dataclass
class ClassifierHyper:
    """Hyperparameters of the classifier: M1 without, M2 with the distance from the edge."""

    uses_distance: bool = True
    blocks: int = 9
    hidden: list[int] = field(default_factory=lambda: [16, 8])
    pixels: int = 60


@dataclass
class ClassifierSettings:
    """What inference must share with the classifier's training."""

    field_mm: float = 60.0
    image: str = "windows"  # or neighbours
    windows: list[list[float]] = field(
        default_factory=lambda: [[-1200.0, 600.0], [-1000.0, -300.0], [-160.0, 240.0]]
    )
    distance_scale: float = 10.0
    distance_shift: float = 0.1


ARCHITECTURES = {
    "vnet": VNetHyper(rpn=False, block="conv5", norm="none"),
    "vnet-monai": VNetHyper(
        rpn=False, block="conv5", down_convs=[1, 2, 3, 2], up_convs=[2, 2, 1, 1], activation="elu",
        activate_before_add=True,
    ),
    "vnet-rpn": VNetHyper(block="conv5"),
    "vnet-ir-rpn": VNetHyper(),
    "classifier-m1": ClassifierHyper(uses_distance=False),
    "classifier-m2": ClassifierHyper(),
}
"""The names that `pleura weights random --arch` takes."""
