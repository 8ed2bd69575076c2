#!/usr/bin/env bash
# Lays cuDNN 9 for CUDA 12, headers and libraries, and the cuBLASLt that it needs out in build/cudnn-12 from PyPI's wheels (fetches 1.1 GB).
# Builds with CUDA take the headers from there. Usage: tools/setup/cudnn.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/setup/setup.sh

folder=build/cudnn-12
requirements=tools/setup/requirements-cudnn-12.txt
install_packages python3 python3-venv
if cmp -s "$requirements" "$folder/requirements.txt"; then
  echo "$folder is up to date"
  exit 0
fi
rm -rf "$folder" "$folder.new"
[ -x build/venv/bin/python ] || python3 -m venv build/venv
build/venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --target "$folder.new/wheels" -r "$requirements"
for name in include lib; do ln -sfn wheels/nvidia/cudnn/$name "$folder.new/$name"; done
cp "$requirements" "$folder.new/requirements.txt"
mv "$folder.new" "$folder"
echo "cuDNN for CUDA 12 is in $folder"
