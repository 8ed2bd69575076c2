#!/usr/bin/env bash
# Lays cuDNN 9 for CUDA 12, headers and libraries, and the cuBLASLt that it needs out in build/cudnn-12 from PyPI's wheels (fetches 1.1 GB).
# Builds with CUDA take the headers from there. Usage: tools/setup/cudnn.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/setup/setup.sh

folder=build/cudnn-12
requirements=tools/setup/requirements-cudnn-12.txt
link_cudnn() {
  local name
  for name in include lib; do ln -sfn wheels/nvidia/cudnn/$name "$1/$name"; done
}

install_packages python3 python3-venv
lay_out_wheels "$folder" "$requirements" link_cudnn
echo "cuDNN for CUDA 12 is in $folder"
