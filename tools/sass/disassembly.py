"""Machine code of CUDA kernels, by cuobjdump and nvdisasm of CUDA 12.8, the last that know sm_61.

Every instruction comes with its stall count: the cycles that its warp waits before its next one. Maxwell and Pascal hold them in
a control word before every three instructions, 21 bits for each, the low four of which are the stall; Volta and later in bits
105 to 108 of each instruction's 128.
"""

import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

INSTRUCTION = re.compile(r"\s*/\*([0-9a-f]{4,})\*/\s+\{?\s*(?:@!?U?P\w+\s+)?([A-Z][\w.]*)(.*)")
ENCODING = re.compile(r"/\* 0x([0-9a-f]{16}) \*/")
SECTION = re.compile(r"\s*\.section\s+\.text\.([\w.$]+)")
LABEL = re.compile(r"\.(L_[\w.]*\d+):")
TARGET = re.compile(r"\.(L_[\w.]*\d+)\)")


@dataclass
class Instruction:
    address: int
    opcode: str  # with its modifiers: "LDS.U.128"
    stall: int
    target: str = ""  # label of a branch
    operands: tuple = ()  # as written: "R4", "[R2+0x10]"

    @property
    def base(self):
        return self.opcode.split(".")[0]

    @property
    def bits(self):
        """Width of a load or store."""
        return next((int(part) for part in self.opcode.split(".") if part in ("64", "128")), 32)


@dataclass
class Kernel:
    name: str  # demangled, without its arguments
    architecture: int
    code: list = field(default_factory=list)
    labels: dict = field(default_factory=dict)  # address of each
    registers: int = 0
    shared: int = 0
    stack: int = 0
    threads: int = 0  # most of a block


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout


def demangle(names):
    """The kernels' names as in the source, without namespace and arguments, by mangled name."""
    plain = run("c++filt", *names).splitlines() if names else []
    return {name: short_name(text) for name, text in zip(names, plain)}


def short_name(text):
    text = re.sub(r"pleura::kernels::cuda::|\(anonymous namespace\)::|^void ", "", text)
    depth = 0
    for i in range(len(text) - 1, 0, -1):
        depth += (text[i] == ")") - (text[i] == "(")
        if depth == 0:
            return text[:i] if text[i] == "(" else text
    return text


def parse_code(text, wide):
    """Code and labels of each section, by mangled name. `wide`: instructions of 128 bits, Volta and later."""
    kernels, pending, control, last = {}, [], 0, None
    for line in text.splitlines():
        if section := SECTION.match(line):
            code, labels = kernels.setdefault(section[1], ([], {}))
            pending, last = [], None
        elif label := LABEL.match(line):
            pending.append(label[1])
        elif found := INSTRUCTION.match(line):
            address = int(found[1], 16)
            labels.update(dict.fromkeys(pending, address))
            target = TARGET.search(found[3])
            slot = address // 8 % 4 - 1
            operands = tuple(operand.strip() for operand in found[3].split(";")[0].split("}")[0].split("/*")[0].split(","))
            last = Instruction(address, found[2], 0 if wide else control >> (21 * slot) & 15, target[1] if target else "", operands)
            code.append(last)
            pending = []
            dual = not wide and not ENCODING.search(line)  # its encoding stands on a line of its own
        elif encoding := ENCODING.search(line):
            word = int(encoding[1], 16)
            if wide and last:
                last.stall = word >> 41 & 15
            elif not wide and last and dual:
                dual = False
            else:
                control = word
    return kernels


def resources(text):
    """Registers, stack and shared memory of each function in `cuobjdump -res-usage`."""
    pattern = re.compile(r"Function (\S+):\s+REG:(\d+) STACK:(\d+) SHARED:(\d+)")
    return {name: tuple(map(int, numbers)) for name, *numbers in pattern.findall(text)}


def most_threads(text):
    """Threads of each kernel's launch bounds in `cuobjdump -elf`."""
    pattern = re.compile(r"\.nv\.info\.(\S+)((?:(?!\.nv\.info\.).)*?)EIATTR_MAX_THREADS.*?Value:\s+0x(\w+) 0x(\w+) 0x(\w+)", re.S)
    return {name: int(x, 16) * int(y, 16) * int(z, 16) for name, _, x, y, z in pattern.findall(text)}


def kernels_of_cubin(cubin, architecture, tools):
    sections = parse_code(run(tools / "nvdisasm", "-hex", "-c", cubin), architecture >= 70)
    used = resources(run(tools / "cuobjdump", "-res-usage", cubin))
    threads = most_threads(run(tools / "cuobjdump", "-elf", cubin))
    names = demangle([name for name in sections if name in used])
    for mangled, name in names.items():
        code, labels = sections[mangled]
        registers, stack, shared = used[mangled]
        yield Kernel(name, architecture, code, labels, registers, shared, stack, threads.get(mangled, 0))


def kernels_of(binary, architecture, tools):
    """All kernels of an executable, a library or a *.sm_61.cubin for one architecture, in the order of their names."""
    binary, found = Path(binary).resolve(), []
    with tempfile.TemporaryDirectory() as folder:
        if binary.suffix == ".cubin":
            cubins = [binary] if f".sm_{architecture}." in binary.name else []
        else:
            subprocess.run([tools / "cuobjdump", "-xelf", f"sm_{architecture}", binary], cwd=folder, capture_output=True,
                           check=True)
            cubins = sorted(Path(folder).glob(f"*.sm_{architecture}*.cubin"))
        for cubin in cubins:
            found += kernels_of_cubin(cubin, architecture, tools)
    return sorted(found, key=lambda kernel: kernel.name)
