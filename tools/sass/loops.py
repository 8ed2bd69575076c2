"""Loops of a kernel, its hot loop, the share of the kernel's issue cycles that this takes, and its waits for memory."""

import re
from collections import Counter
from dataclasses import dataclass

LEAST = {"FFMA": 16, "HMMA": 8}  # products of a loop that is hot


@dataclass
class Loop:
    begin: int
    end: int  # address of the backward branch
    code: list
    arithmetic: str  # opcode of the kernel's products

    def holds(self, other):
        return self is not other and self.begin <= other.begin and other.end <= self.end

    @property
    def mix(self):
        return Counter(instruction.base for instruction in self.code)

    @property
    def cycles(self):
        return sum(instruction.stall for instruction in self.code)

    @property
    def products(self):
        return self.mix[self.arithmetic]

    def loads(self, base):
        """How many of each width in bits; those to the register that is always 0 load nothing."""
        return Counter(i.bits for i in self.code if i.base == base and i.operands[0] != "RZ")


def loops_of(kernel, arithmetic="FFMA"):
    """A loop is what a backward branch spans; those with one start are one."""
    spans = {}
    for instruction in kernel.code:
        begin = kernel.labels.get(instruction.target) if instruction.base == "BRA" else None
        if begin is not None and begin < instruction.address:  # a branch to itself ends a kernel's padding
            spans[begin] = max(spans.get(begin, 0), instruction.address)
    return [Loop(begin, end, [i for i in kernel.code if begin <= i.address <= end], arithmetic) for begin, end in sorted(spans.items())]


def hot_loop(kernel, arithmetic="FFMA"):
    """The loop with the most multiply-adds that holds no other with LEAST, or None where no loop has as many."""
    # An epilogue's loop holds the polynomials of exponentials: what multiplies in earnest also reads shared memory.
    least = LEAST[arithmetic]
    loops = [loop for loop in loops_of(kernel, arithmetic) if loop.products >= least and loop.mix["LDS"] + loop.mix["LDSM"] > 0]
    inner = [loop for loop in loops if not any(loop.holds(other) for other in loops)]
    return max(inner, key=lambda loop: loop.products, default=None)


def blocks_with(kernel, opcode):
    """Addresses of the basic blocks that hold such an instruction."""
    starts, found, block = set(kernel.labels.values()), set(), []
    for instruction in kernel.code:
        if instruction.address in starts:
            block = []
        block.append(instruction)
        if any(i.base == opcode for i in block):
            found.update(i.address for i in block)
        if instruction.base in ("BRA", "SYNC", "BRK", "EXIT", "BSYNC"):
            block = []
    return found


def shares_of_kernel(kernel, hot, family):
    """The hot loop's share of a warp's issue cycles in the family's layer: up to the epilogue, and at least of the whole. What stands
    around the hot loop is done as often as its loop; loops beside it are the paths of odd shapes, not taken; of the epilogue every
    branch is counted but those with exponentials, though no layer takes them all."""
    loops, exponentials = loops_of(kernel, hot.arithmetic), blocks_with(kernel, "MUFU")
    around = sorted((loop for loop in loops if loop.holds(hot)), key=lambda loop: loop.begin)
    stage = around[0] if around else hot
    trips = family.stages * family.products / hot.products

    def rounds(at):
        holding = [loop for loop in loops if loop.begin <= at <= loop.end]
        if hot in holding:
            return trips
        if not holding:
            return 1
        if stage not in holding:
            return 0 if at in exponentials else family.last_trips if at > stage.end else 1
        if any(loop not in around for loop in holding):
            return 0
        return family.stages if len(holding) == 1 else trips / family.middle

    def cycles(code):
        return sum(instruction.stall * rounds(instruction.address) for instruction in code)

    before = [instruction for instruction in kernel.code if instruction.address <= stage.end]
    return hot.cycles * trips / cycles(before), hot.cycles * trips / cycles(kernel.code)


def registers_of(operands):
    """Numbers of the registers that are named."""
    return {int(number) for operand in operands for number in re.findall(r"\bR(\d+)", operand)}


def waits_of_stage(kernel, hot):
    """How often a round of the loop over stages waits for vectors from global memory: uses of one that came since the last wait."""
    stage = min((loop for loop in loops_of(kernel) if loop is not hot and loop.holds(hot)), key=lambda loop: loop.begin, default=hot)
    waits, coming = 0, set()  # registers
    for instruction in stage.code:
        if coming & registers_of(instruction.operands):
            waits, coming = waits + 1, set()
        if instruction.base == "LDG" and instruction.bits > 32:
            first = min(registers_of(instruction.operands[:1]))
            coming |= set(range(first, first + instruction.bits // 32))
    return waits
