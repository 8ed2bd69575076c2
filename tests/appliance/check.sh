#!/usr/bin/env bash
# Holds that the library of preset appliance-shared can be shipped alone: it needs no library but those of the compiler and libc, stripped it
# is no larger than 2.5 MB, it shows the same symbols as any other build, refuses what was left out, and gives the result of an ordinary build.
# Usage: tests/appliance/check.sh BUILD     BUILD holds the ordinary pleura command; the library is built in build/appliance-shared
set -euo pipefail
cd "$(dirname "$0")/../.."
ordinary=$1/bin/pleura
build=build/appliance-shared library=build/appliance-shared/lib/libpleura.so
weights=weights/demo/pleura-demo.h5
most_bytes=2500000

fail() {
  echo "appliance: $*" >&2
  exit 1
}

read -r bytes _ < <(tests/appliance/size.sh)
tests/abi/check.sh $build/include $library

while read -r name _; do
  case $name in
    linux-vdso.so.* | libc.so.6 | libm.so.6 | libstdc++.so.6 | libgcc_s.so.1 | /lib*/ld-linux*) ;;
    *) fail "$library needs $name, expected none but libc, libm, libstdc++ and libgcc_s" ;;
  esac
done < <(ldd $library)

echo "stripped: $bytes bytes, at most $most_bytes"
[ "$bytes" -le $most_bytes ] || fail "libpleura.so has $bytes bytes stripped, expected at most $most_bytes"

work=$build/work
rm -rf $work && mkdir -p $work/folder $work/left-out
use=(-I include -I $build/include -L $build/lib -lpleura "-Wl,-rpath,$PWD/$build/lib" -Wall -Wextra -Werror)
cc -std=c11 -D_POSIX_C_SOURCE=200809L examples/appliance.c -o $work/appliance "${use[@]}"
# The static library of the same objects.
cc -std=c11 -D_POSIX_C_SOURCE=200809L -c examples/appliance.c -o $work/appliance.o -I include -I $build/include
c++ $work/appliance.o $build/libpleura.a -o $work/appliance_static -lz
cc -std=c99 tests/appliance/memory.c -o $work/memory "${use[@]}"
c++ -std=c++20 tests/appliance/refusals.cpp -o $work/refusals "${use[@]}"

printf '\x89PNG\r\n\x1a\n' >$work/left-out/a.png
{ head -c 128 /dev/zero; printf 'DICM'; head -c 128 /dev/zero; } >$work/left-out/a.dcm
printf 'PK\x03\x04' >$work/left-out/a.zip
$work/refusals $work/left-out
[ "$(ls $work/left-out)" = $'a.dcm\na.png\na.zip' ] || fail "what was refused left files behind: $(ls $work/left-out)"

"$ordinary" phantom --seed 1 --findings covid19 --format nifti --spacing 6,3,3 --matrix 128 --out $work/phantom >/dev/null
cp $work/phantom/ct.nii.gz $work/folder/ct.nii.gz
echo nothing >$work/folder/none.nii
$work/memory $work/folder/ct.nii.gz $weights >$work/memory.json
$work/appliance $work/folder $weights >$work/lines.json
$work/appliance_static $work/folder $weights >$work/lines_static.json
"$ordinary" screen $work/folder/ct.nii.gz --weights $weights --no-pictures --quiet --out $work/ordinary >/dev/null
python3 - $work <<'PYTHON'
import json, sys
from pathlib import Path

work = Path(sys.argv[1])
ordinary = json.loads((work / "ordinary/result.json").read_text())


def of_folder(file):
    """The one result among the two lines that the example printed."""
    lines = [json.loads(line) for line in (work / file).read_text().splitlines()]
    assert len(lines) == 2 and sum("refused" in line for line in lines) == 1, lines
    return next(line for line in lines if "refused" not in line)


# The demo weights have no layer that oneDNN would take: every bit is the same. The CT in memory has no origin in the world.
of_memory = json.loads((work / "memory.json").read_text())
shared, static = of_folder("lines.json"), of_folder("lines_static.json")
for result in (of_memory, shared, static):
    assert result["case"] == ordinary["case"], (result["case"], ordinary["case"])
    assert result["lungs"] == ordinary["lungs"], (result["lungs"], ordinary["lungs"])
assert shared["regions"] == static["regions"] == ordinary["regions"], (shared["regions"], ordinary["regions"])
for mine, other in zip(of_memory["regions"], ordinary["regions"], strict=True):
    assert mine["label"] == other["label"] and mine["box_voxels"] == other["box_voxels"], (mine, other)
assert ordinary["regions"], "a phantom with findings"
print(f"{len(ordinary['regions'])} regions, {ordinary['case']['result']}: as the ordinary build has it")
PYTHON
