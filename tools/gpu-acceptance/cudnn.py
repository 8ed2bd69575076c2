"""Times the layers of bench.json with PyTorch (cuDNN), channels last, and writes both side by side.

    cudnn.py bench.json cudnn.csv

A layer's label is its operation: "conv f16:1x8x64x80x32 -> f16:1x8x64x80x32 k5x5x5 s1x1x1 p2x2x2+2x2x2 ...". Bias is included, the
activation and residual, which ours fuses, are not: that favours cuDNN. fp32 without TF32, as ours.
"""

import csv
import json
import re
import sys

import torch

TENSOR = r"(f32|f16):(\d+)x(\d+)x(\d+)x(\d+)x(\d+)(?:/\d+)?"
PATTERN = re.compile(rf"(conv|deconv) {TENSOR} -> {TENSOR}(?: k(\d+)x(\d+)x(\d+))? s(\d+)x(\d+)x(\d+)(?: p(\d+)x(\d+)x(\d+))?")


def layer(label: str):
    """The operation as a module, and an input of noise."""
    match = PATTERN.match(label)
    if not match:
        return None
    kind, dtype, *rest = match.groups()
    n, d, h, w, c = map(int, rest[:5])
    out = int(rest[10])
    kernel, stride, pad = (tuple(int(v) for v in part) if part[0] else None for part in (rest[11:14], rest[14:17], rest[17:20]))
    if kind == "conv":
        module = torch.nn.Conv3d(c, out, kernel, stride, pad)
    else:
        module = torch.nn.ConvTranspose3d(c, out, stride, stride)
    type_ = torch.float16 if dtype == "f16" else torch.float32
    move = {"device": "cuda", "dtype": type_, "memory_format": torch.channels_last_3d}
    return module.to(**move), torch.rand(n, c, d, h, w, device="cuda").mul(2).sub(1).to(**move)


def median_ms(module, x, runs: int = 11) -> float:
    with torch.no_grad():
        for _ in range(3):  # cuDNN chooses its algorithm in the first
            output = module(x)
        if not output.isfinite().all() or not output.any():
            raise SystemExit("cudnn.py: PyTorch's output is not finite, or all zeros")
        times = []
        for _ in range(runs):
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            module(x)
            end.record()
            end.synchronize()
            times.append(start.elapsed_time(end))
    return sorted(times)[runs // 2]


def main() -> None:
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    with open(sys.argv[1]) as file:
        benchmarks = json.load(file)["benchmarks"]
    failed = [b["name"] for b in benchmarks if b.get("error_occurred")]
    if failed:
        raise SystemExit(f"{sys.argv[1]}: holds failed benchmarks, expected none: {', '.join(failed)}")
    medians = [b for b in benchmarks if b.get("aggregate_name") == "median"]
    cudnn: dict[str, float] = {}
    with open(sys.argv[2], "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["benchmark", "ours_ms", "cudnn_ms", "cudnn/ours", "torch", "cudnn"])
        for benchmark in medians:
            label = benchmark.get("label", "")
            made = layer(label)
            if not made:
                continue
            if label not in cudnn:
                cudnn[label] = median_ms(*made)
            ours = benchmark["real_time"]
            table.writerow([benchmark["run_name"], f"{ours:.4f}", f"{cudnn[label]:.4f}", f"{cudnn[label] / ours:.3f}",
                            torch.__version__, torch.backends.cudnn.version()])


if __name__ == "__main__":
    main()
