"""The hot kernels: how the table names them, what is asked of their machine code, and how often their loops go round."""

import re
from dataclasses import dataclass

TYPES = {"float": "f32", "__half": "f16"}


@dataclass(frozen=True)
class Family:
    """One kernel of the table. `products`: multiply-adds of a thread in each round of the loop over stages; `stages`: such rounds for
    a layer of 64 input channels; `middle`: rounds of the hot loop in each of a loop between the two."""

    title: str
    least_share: float
    stages: int
    products: int
    arithmetic: str = "FFMA"  # opcode of the products
    middle: int = 1
    last_trips: int = 8  # positions of a thread, each through the epilogue
    narrow_loads: bool = False  # from shared memory: outputs are two, 64 bits
    first_architecture: int = 61
    most_waits: int = 0  # of a stage for global memory; 0: copied asynchronously


def direct(name):
    """DirectTile<k, outputs, groups, planes, rows, runs, chunk> of kernels/cuda/network/direct_tile.hpp, for 64 input channels."""
    found = re.match(r"direct_convolution_kernel<(\w+), DirectTile<([\d, ]+)>", name)
    if not found:
        return None
    k, outputs, groups, planes, rows, runs, chunk = map(int, found[2].split(","))
    return Family(
        title=f"direct {k} x {k}, {TYPES[found[1]]}, tile {planes} x {rows} x {8 * runs}, {outputs * groups} outputs",
        least_share=0.9 if k > 1 and outputs == 8 and found[1] == "float" else 0.8,
        stages=k * 64 // chunk if k > 1 else 64 // chunk,
        products=chunk * k * k * 8 * outputs,
        middle=k if k == 5 and outputs == 8 else 1,
        narrow_loads=outputs < 4,
        most_waits=3)


def product(name):
    """Tile<rows, columns, rows of a warp, columns of a warp> of kernels/cuda/network/implicit_gemm.cu on tensor cores from sm_80 on, for 5^3
    taps of 64 channels: a step brings 32 halves of each row and column, two depths of 16."""
    found = re.match(r"implicit_gemm_kernel<Tile<([\d, ]+)>, \(TensorCores\)1>", name)
    if not found:
        return None
    rows, columns, warp_rows, warp_columns = map(int, found[1].split(","))
    return Family(
        title=f"matrix product, f16, tile {rows} x {columns}",
        least_share=0,
        stages=5**3 * 64 // 32,
        products=warp_rows // 16 * (warp_columns // 8) * 2,
        arithmetic="HMMA",
        last_trips=warp_rows // 16 * (warp_columns // 8) // 2,
        first_architecture=80)


def family_of(kernel):
    family = direct(kernel.name) or product(kernel.name)
    return family if family and kernel.architecture >= family.first_architecture else None
