#!/usr/bin/env bash
# Lays a CUDA toolkit out under build/ from PyPI's wheels, for a machine without CUDA. Usage: tools/setup/cuda-toolkit.sh [VERSION]
#   12.9  build/cuda-12.9 for preset cuda-all: clang compiles with it for sm_61 to sm_120 (default; fetches 400 MB, and clang-22 by apt)
#   13.0  build/cuda-13.0 with nvcc, for preset cuda: -DCMAKE_CUDA_COMPILER=build/cuda-13.0/bin/nvcc (fetches 400 MB)
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/setup/setup.sh

version=${1:-12.9}
folder=build/cuda-$version
requirements=tools/setup/requirements-cuda-$version.txt
if [ ! -e "$requirements" ]; then
  echo "cuda-toolkit.sh: found $version, expected 12.9 or 13.0" >&2
  exit 1
fi

# The wheels of CUDA 12 bring a folder each.
lay_out_12_9() {
  local name
  mkdir -p "$1/bin" "$1/include" "$1/nvvm"
  for name in cuda_nvcc cuda_runtime cuda_cccl; do
    (cd "$1/include" && ln -sfn ../wheels/nvidia/$name/include/* .)
  done
  ln -sfn ../wheels/nvidia/cuda_nvcc/nvvm/libdevice "$1/nvvm/libdevice"
  ln -sfn wheels/nvidia/cuda_runtime/lib "$1/lib64"
  ln -sfn libcudart.so.12 "$1/lib64/libcudart.so"  # by which CMake knows a toolkit
  ln -sfn ../wheels/nvidia/cuda_nvcc/bin/ptxas "$1/bin/ptxas"
  : >"$1/include/curand_mtgp32_kernel.h"  # clang includes it into all device code; nothing here uses cuRAND
  # CMake asks nvcc where its toolkit is; it compiles nothing. A link would lead it away.
  cp "$1"/wheels/nvidia/cu13/bin/{nvcc,nvcc.profile,fatbinary} "$1/bin/"
  for name in cuobjdump nvdisasm; do
    ln -sfn ../wheels/triton/backends/nvidia/bin/$name "$1/bin/$name"
  done
  chmod +x "$1"/bin/* "$1"/wheels/nvidia/*/bin/* "$1"/wheels/triton/backends/nvidia/bin/*
}

# Those of CUDA 13 make up a toolkit.
lay_out_13_0() {
  local name
  ln -sfn lib "$1/wheels/nvidia/cu13/lib64"  # where nvcc links from
  for name in bin include lib lib64 nvvm; do ln -sfn wheels/nvidia/cu13/$name "$1/$name"; done
  ln -sfn libcudart.so.13 "$1/lib/libcudart.so"  # by which CMake knows a toolkit
  chmod +x "$1"/bin/* "$1"/nvvm/bin/*
}

if [ "$version" = 12.9 ]; then
  install_packages python3 python3-venv clang-22
else
  install_packages python3 python3-venv
fi
lay_out_wheels "$folder" "$requirements" "lay_out_${version/./_}"
echo "CUDA $version is in $folder"
