"""bf16 where it pays: on a CPU that has its instructions twice as fast as fp32, and on a GPU."""

import torch


class Precision:
    """Calling it gives the context in which a network runs; `dtype` is what its input should be."""

    def __init__(self, device: str, name: str):
        self.dtype = torch.bfloat16 if name == "bf16" else torch.float32
        self.options = {"device_type": device.split(":")[0], "dtype": torch.bfloat16, "enabled": name == "bf16"}

    def __call__(self) -> torch.autocast:
        return torch.autocast(**self.options)
