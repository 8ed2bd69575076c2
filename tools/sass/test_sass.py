"""The parser and the loops on a few lines of machine code, whose counts were made by hand."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from disassembly import Kernel, most_threads, parse_code, resources  # noqa: E402
from families import family_of  # noqa: E402
from loops import hot_loop, loops_of, shares_of_kernel, waits_of_stage  # noqa: E402
from table import faults  # noqa: E402

# Control words: 21 bits an instruction, stalls 1, 2, 3 and so on in their low four.
PASCAL = """
	.section	.text.k,"ax",@progbits
                                                 /* 0x0000000000000000 */
        /*0008*/         MOV R1, c[0x0][0x20] ;   /* 0x4c98078000870001 */
.L_x_1:
        /*0010*/         LDS.U.128 R4, [R2] ;     /* 0xeff9000000070204 */
        /*0018*/         FFMA R0, R4, R5, R0 ;    /* 0x5980000000570400 */
                                                 /* 0x{control:016x} */
        /*0028*/    {{    FFMA R0, R4, R5, R0 ;    /* 0x5980000000570400 */
        /*0030*/         IADD R2, R2, 0x1         }}
                                                 /* 0x5c10000000170202 */
        /*0038*/    @P0  BRA `(.L_x_1) ;          /* 0xe2400ffffd00000f */
""".format(control=1 | 2 << 21 | 3 << 42)

VOLTA = """
	.section	.text.k,"ax",@progbits
.L_x_1:
        /*0000*/                   FFMA R0, R4, R5, R0 ;          /* 0x0000000504007223 */
                                                                  /* 0x{0:016x} */
        /*0010*/              @!P0 BRA `(.L_x_1) ;                /* 0xfffffff000008947 */
                                                                  /* 0x{1:016x} */
""".format(4 << 41, 5 << 41)


def test_pascal_stalls_stand_in_control_words():
    code, labels = parse_code(PASCAL, wide=False)["k"]
    assert [(i.base, i.stall) for i in code] == [("MOV", 0), ("LDS", 0), ("FFMA", 0), ("FFMA", 1), ("IADD", 2), ("BRA", 3)]
    assert labels == {"L_x_1": 0x10}
    assert code[1].bits == 128


def test_volta_stalls_stand_in_each_instruction():
    code, _ = parse_code(VOLTA, wide=True)["k"]
    assert [(i.base, i.stall) for i in code] == [("FFMA", 4), ("BRA", 5)]


def test_a_loop_is_what_a_backward_branch_spans():
    kernel = Kernel("k", 61, *parse_code(PASCAL, wide=False)["k"])
    [loop] = loops_of(kernel)
    assert (len(loop.code), loop.products, loop.cycles) == (5, 2, 6)
    assert hot_loop(kernel) is None, "two multiply-adds are not hot"


def test_resources_and_threads():
    assert resources(" Function k:\n  REG:118 STACK:8 SHARED:19248 LOCAL:0 CONSTANT[0]:568") == {"k": (118, 8, 19248)}
    text = ".nv.info.k\n\tAttribute:\tEIATTR_MAX_THREADS\n\tFormat:\tEIFMT_SVAL\n\tValue:\t0x80 0x1 0x1\n.nv.info.other\n"
    assert most_threads(text) == {"k": 128}


def unrolled(products, other):
    lines = ["\t.section\t.text.k,\"ax\",@progbits", ".L_x_1:"]
    opcodes = ["LDS.U.128 R4, [R2]"] + ["FFMA R0, R4, R5, R0"] * products + ["IADD R2, R2, 0x1"] * other + ["@P0 BRA `(.L_x_1)"]
    for i, opcode in enumerate(opcodes):
        lines += [f"        /*{16 * i:04x}*/   {opcode} ;  /* 0x0000000000000000 */", f"   /* 0x{1 << 41:016x} */"]
    kernel = Kernel("direct_convolution_kernel<float, DirectTile<5, 8, 4, 1, 16, 2, 4> >", 61, *parse_code("\n".join(lines), True)["k"])
    return kernel, family_of(kernel), hot_loop(kernel)


def test_too_few_multiply_adds_are_a_fault():
    assert list(faults(*unrolled(320, 15))) == []
    [fault] = faults(*unrolled(320, 40))
    assert "88.4 % multiply-adds in the hot loop, expected 90 %" in fault


def test_local_memory_is_a_fault():
    kernel, family, hot = unrolled(320, 0)
    kernel.stack = 8
    assert list(faults(kernel, family, hot)) == ["8 bytes of local memory, expected none"]


def test_shares_of_a_kernel_that_is_all_loop_are_whole():
    kernel, family, hot = unrolled(320, 0)
    assert shares_of_kernel(kernel, hot, family) == (1, 1)


def test_loads_that_come_together_are_waited_for_once():
    def waits(*opcodes):
        lines = ["\t.section\t.text.k,\"ax\",@progbits", ".L_x_1:"]
        for i, opcode in enumerate([*opcodes, "@P0 BRA `(.L_x_1)"]):
            lines += [f"        /*{16 * i:04x}*/   {opcode} ;  /* 0x0000000000000000 */", f"   /* 0x{1 << 41:016x} */"]
        kernel = Kernel("k", 80, *parse_code("\n".join(lines), True)["k"])
        return waits_of_stage(kernel, loops_of(kernel)[0])

    load, other = "LDG.E.128 R4, [R2.64]", "LDG.E.64 R8, [R2.64+0x10]"
    store, others = "STS.128 [R0], R4", "STS [R0+0x10], R9"
    assert waits(load, other, store, others) == 1
    assert waits(load, store, other, others) == 2
    assert waits("LDG.E R4, [R2.64]", store) == 0, "no vector: the path of odd shapes"


def test_tensor_cores_have_a_hot_loop_beside_an_epilogue_with_more_multiply_adds():
    step = [".L_x_1:", "LDSM.16.M88.4 R4, [R2]", "@!PT LDS RZ, [RZ]"] + ["HMMA.16816.F32 R8, R4, R6, R8"] * 8
    walk = [".L_x_2:", "IADD3 R2, R2, 0x1, RZ", "@P1 BRA `(.L_x_2)", "@P0 BRA `(.L_x_1)"]
    epilogue = [".L_x_3:", "LDS.128 R4, [R2]"] + ["FFMA R0, R4, R5, R0"] * 64 + ["@P0 BRA `(.L_x_3)"]
    lines, address = ["\t.section\t.text.k,\"ax\",@progbits"], 0
    for text in step + walk + epilogue:
        if text.startswith("."):
            lines.append(text)
            continue
        lines += [f"        /*{address:04x}*/   {text} ;  /* 0x0000000000000000 */", f"   /* 0x{1 << 41:016x} */"]
        address += 16
    kernel = Kernel("implicit_gemm_kernel<Tile<64, 64, 32, 16>, (TensorCores)1>", 80, *parse_code("\n".join(lines), True)["k"])
    hot = hot_loop(kernel, family_of(kernel).arithmetic)
    assert (hot.products, len(hot.code)) == (8, 13)
    assert hot.loads("LDS") == {}
    share, least = shares_of_kernel(kernel, hot, family_of(kernel))
    assert share == 1 and 0.9 < least < 1
