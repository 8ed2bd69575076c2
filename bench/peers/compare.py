"""Our networks beside OpenVINO, ONNX Runtime and PyTorch: the same weights and input, in turns, as ratios of medians.

On a GPU beside PyTorch (cuDNN) alone, copies of the input there and of the logits back included for all.

Each round runs every engine once, in a rotating order, so that whatever else the machine does falls on all of them; the
first round is dropped. Prints a table and writes JSON. Outputs that are not finite or do not agree give no row and exit code 1.
"""

import argparse
import functools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools" / "training"), str(ROOT / "bench")]

import torch  # noqa: E402
from figures import Unsound, require_agreement, require_outputs  # noqa: E402
from pleura_training.files import write_file  # noqa: E402
from pleura_training.weights import random_model, to_module, write_model  # noqa: E402


MASK_HEADS = ("vnet", "vnet-monai")


class Ours:
    def __init__(self, program: Path, folder: Path, x: np.ndarray, precision: str, device: str):
        channels_last = np.ascontiguousarray(np.moveaxis(x if x.ndim == 5 else x[:, :, None], 1, -1))
        channels_last.tofile(folder / "input.bin")
        self.folder = folder
        shape = [str(n) for n in channels_last.shape]
        command = [program, folder / "weights.h5", precision, folder / "input.bin", *shape, device]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line: str) -> str:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:  # time_network has said why
            raise Unsound(f"time_network ended with exit code {self.process.wait()}")
        return answer

    def run(self) -> float:
        return float(self.ask("run"))

    def output(self) -> np.ndarray:
        self.ask(f"save {self.folder / 'ours.bin'}")
        return np.fromfile(self.folder / "ours.bin", np.float32)

    def work(self) -> tuple[float, float]:
        """FLOPs of a run, and the machine's peak FLOP/s."""
        flops, peak = map(float, self.ask("work").split())
        return flops, peak

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


class Timed:
    """An engine of this process: `call` gives the logits, channels first."""

    def __init__(self, call):
        self.call = call

    def run(self) -> float:
        start = time.perf_counter()
        self.result = self.call()
        return time.perf_counter() - start

    def output(self) -> np.ndarray:
        return np.moveaxis(np.asarray(self.result, np.float32), 1, -1).ravel()

    def close(self) -> None:
        del self.call


def gpu_peers(module, inputs: list[np.ndarray], precision: str) -> dict:
    """PyTorch, eager and channels last, from an input in the host's memory to logits there. fp32 is fp32, not TF32."""
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    dtype = {"fp32": torch.float32, "fp16": torch.float16}[precision]
    last = torch.channels_last_3d if inputs[0].ndim == 5 else torch.channels_last

    def engine(memory_format):
        net = to_module(module).eval().to("cuda", dtype, memory_format=memory_format)

        def run():
            with torch.inference_mode():
                image, *rest = (torch.from_numpy(x).to("cuda").to(dtype) for x in inputs)
                return net(image.contiguous(memory_format=memory_format), *rest).float().cpu().numpy()

        return Timed(run)

    return {"pytorch": engine(torch.contiguous_format), "pytorch channels-last": engine(last)}


def device_name(device: str) -> str:
    return torch.cuda.get_device_name() if device == "cuda" else "cpu"


@functools.cache
def gpu_peak(precision: str) -> float:
    """FLOP/s of a large product of noise, by cuBLAS."""
    side = 8192
    a, b = (torch.randn(side, side, device="cuda", dtype=torch.float16 if precision == "fp16" else torch.float32) for _ in range(2))
    times = []
    for _ in range(8):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        a @ b
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) * 1e-3)
    return 2 * side**3 / statistics.median(times)


def peers(module, inputs: list[np.ndarray], folder: Path, precision: str, threads: int) -> dict:
    """PyTorch (eager; channels last), ONNX Runtime and OpenVINO. ONNX Runtime has no bf16 convolution on the CPU."""
    import onnxruntime
    import openvino

    tensors = [torch.from_numpy(x) for x in inputs]
    engines = {}
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32

    def run_torch(net, arguments):
        with torch.inference_mode():
            return net(*arguments).float().numpy()

    cast = [t.to(dtype) for t in tensors]
    net = to_module(module).eval().to(dtype)
    engines["pytorch"] = Timed(lambda: run_torch(net, cast))
    memory_format = torch.channels_last_3d if tensors[0].ndim == 5 else torch.channels_last
    last = to_module(module).eval().to(dtype).to(memory_format=memory_format)
    first = [cast[0].to(memory_format=memory_format), *cast[1:]]
    engines["pytorch channels-last"] = Timed(lambda: run_torch(last, first))

    names = ["input", "distances"][: len(inputs)]
    feed = dict(zip(names, inputs))
    torch.onnx.export(to_module(module).eval(), tuple(tensors), folder / "net.onnx", input_names=names, dynamo=False)
    if precision == "fp32":
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(folder / "net.onnx", options, providers=["CPUExecutionProvider"])
        engines["onnxruntime"] = Timed(lambda: session.run(None, feed)[0])
    settings = {"INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32", "INFERENCE_NUM_THREADS": threads,
                "PERFORMANCE_HINT": "LATENCY"}  # fmt: skip
    compiled = openvino.Core().compile_model(str(folder / "net.onnx"), "CPU", settings)
    engines["openvino"] = Timed(lambda: compiled(feed)[0])
    return engines


def compare(architecture: str, precision: str, side: int, rounds: int, programs: Path, threads: int, device: str) -> dict:
    model = random_model(architecture, 1)
    name = f"classifiers/{architecture[-2:]}" if architecture.startswith("classifier") else "segmenter"
    network = model.networks[name]
    model.networks = {name: network}
    image = architecture.startswith("classifier")
    random = np.random.default_rng(1)
    if architecture in MASK_HEADS:
        side = side * 2 // 3 // 16 * 16
    shape = (96, 3, 60, 60) if image else (1, 1, side, side, side)
    inputs = [random.uniform(-1, 1, shape).astype(np.float32)]
    if architecture.endswith("m2"):
        inputs.append(np.full(shape[0], 0.25, np.float32))
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        write_model(model, folder / "weights.h5")
        engines = {"pleura": Ours(programs / "time_network", folder, inputs[0], precision, device)}
        engines |= gpu_peers(network, inputs, precision) if device == "cuda" else peers(network, inputs, folder, precision, threads)
        times = {name: [] for name in engines}
        order = list(engines)
        dropped = 1 if device == "cpu" else 3  # a GPU's first runs choose algorithms and record graphs
        for i in range(rounds + dropped):
            for name in order[i % len(order) :] + order[: i % len(order)]:
                seconds = engines[name].run()
                if i >= dropped:
                    times[name].append(seconds)
        ours = engines["pleura"].output()
        require_outputs(f"pleura, {architecture} {precision}", ours)
        flops, peak = engines["pleura"].work()
        if device == "cuda":
            peak = gpu_peak(precision)
        result = {"architecture": architecture, "precision": precision, "device": device_name(device), "shape": list(shape), "GFLOP": flops * 1e-9,
                  "peak_GFLOP_per_s": peak * 1e-9, "engines": {}}  # fmt: skip
        median_ours = statistics.median(times["pleura"])
        for name, values in times.items():
            theirs = engines[name].output()
            engines[name].close()
            require_outputs(f"{name}, {architecture} {precision}", theirs)
            difference = float(np.linalg.norm(theirs - ours) / np.linalg.norm(theirs))
            require_agreement(f"{name}, {architecture} {precision}", difference, precision)
            median = statistics.median(values)
            result["engines"][name] = {
                "median_s": median,
                "min_s": min(values),
                "cv": statistics.pstdev(values) / statistics.fmean(values),
                "of_peak": flops / median / peak,
                "time_over_ours": median / median_ours,
                "best_over_ours": min(values) / min(times["pleura"]),
                "difference": difference,
            }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=Path, default=ROOT / "build" / "release" / "bin")
    parser.add_argument("--architectures", nargs="+", default=["vnet-ir-rpn", "vnet-rpn", "classifier-m2", "vnet-monai", "vnet"])
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precisions", nargs="+", help="default: fp32 and bf16, on a GPU fp32 and fp16")
    parser.add_argument("--side", type=int, default=96, help="of the cube that a segmenter sees; one with a mask head, which costs more, two thirds of it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, help="JSON")
    arguments = parser.parse_args()
    threads = len(os.sched_getaffinity(0))
    torch.set_num_threads(threads)
    precisions = arguments.precisions or ["fp32", "fp16" if arguments.device == "cuda" else "bf16"]
    results, failures = [], []
    for architecture in arguments.architectures:
        for precision in precisions:
            try:
                result = compare(architecture, precision, arguments.side, arguments.rounds, arguments.programs, threads, arguments.device)
            except Unsound as why:
                failures.append(str(why))
                print(f"compare.py: {why}", file=sys.stderr, flush=True)
                continue
            results.append(result)
            print(f"{architecture} {precision} on {result['shape']}")
            for name, engine in result["engines"].items():
                print(f"  {name:24} {engine['median_s'] * 1e3:9.1f} ms  cv {engine['cv'] * 100:4.1f} %  {engine['of_peak'] * 100:4.0f} % of peak"
                      f"  {engine['time_over_ours']:5.2f} x ours (best {engine['best_over_ours']:5.2f})"
                      f"  logits differ {engine['difference']:.1e}", flush=True)  # fmt: skip
            if arguments.out:
                write_file(arguments.out, json.dumps(results, indent=1) + "\n")
    if failures:
        raise SystemExit(f"compare.py: {len(failures)} of the comparisons are no figures")


if __name__ == "__main__":
    main()
