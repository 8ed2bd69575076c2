#!/usr/bin/env bash
# Packs what a machine with a GPU needs to run accept.py: programs of a CUDA build, their libraries, reference data, a
# phantom of 70 slices; below 64 MiB.
# Usage: tools/gpu-acceptance/pack.sh [BUILD]     BUILD: folder of a CUDA build with PLEURA_BUILD_BENCH, default build/cuda-all
# Makes build/gpu-acceptance and build/gpu-acceptance.tar.xz.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build/cuda-all}
bin=$build/bin
folder=build/gpu-acceptance

if [ ! -e "$build/cuda-build.txt" ]; then
  echo "pack.sh: $build: found no CUDA build, expected one: cmake --preset cuda-all -DPLEURA_BUILD_BENCH=ON" >&2
  exit 1
fi
programs=(test_cuda bench_cuda time_network pleura)
cmake --build "$build" --target test_cuda bench_cuda time_network pleura_command
rm -rf "$folder" "$folder.tar.xz"
mkdir -p "$folder"/{bin,programs,lib,data/tests/layers,bench/peers,tools/training,weights/demo}
cp tools/gpu-acceptance/{accept,parts,agreement,cudnn}.py tools/gpu-acceptance/README.md "$folder"
cp bench/{pipeline,figures}.py "$folder/bench/"
cp bench/peers/compare.py "$folder/bench/peers/"
cp -r tools/training/pleura_training "$folder/tools/training/"
cp weights/demo/pleura-demo.h5 "$folder/weights/demo/"
cp -r tests/layers/reference "$folder/data/tests/layers/"
ln -s ../weights "$folder/data/weights"
"$bin/pleura" phantom --seed 7 --slices 70 --format nifti --out "$folder/phantom"
gunzip "$folder/phantom/ct.nii.gz"  # xz packs it closer
# Each program runs by a script that names the libraries, so that only it sees them.
for program in "${programs[@]}"; do
  strip -o "$folder/programs/$program" "$bin/$program"
  cat >"$folder/bin/$program" <<'EOF'
#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
export LD_LIBRARY_PATH="$here/lib" PLEURA_TEST_DATA="$here/data"
exec "$here/programs/$(basename "$0")" "$@"
EOF
  chmod +x "$folder/bin/$program"
done
# All libraries but the C library's own, whose loader must be the machine's.
ldd "${programs[@]/#/$bin/}" | awk '$3 ~ /^\// && $1 !~ /^(libc|libm|libdl|librt|libpthread|libresolv|ld-linux.*)\.so/ { print $3 }' |
  sort -u | xargs -I{} cp -L {} "$folder/lib/"
commit=$(git rev-parse HEAD)$([ -z "$(git status --porcelain --untracked-files=no)" ] || echo -dirty)
printf '{"commit": "%s", "compiler": "%s"}\n' "$commit" "$(cat "$build/cuda-build.txt")" >"$folder/build.json"
tar -C build -cJf "$folder.tar.xz" gpu-acceptance
bytes=$(stat -c %s "$folder.tar.xz") unpacked=$(du -sb "$folder" | cut -f1)
echo "$folder.tar.xz: $bytes bytes, $unpacked unpacked"
if [ "$bytes" -ge $((64 << 20)) ]; then
  echo "pack.sh: found $bytes bytes, expected less than 64 MiB" >&2
  exit 1
fi
