#!/usr/bin/env bash
# Lays CUDA 12.9 out under build/cuda-12.9 from PyPI's wheels (400 MB to fetch), for preset cuda-all: clang compiles with it for sm_61 to sm_120
# on a machine without CUDA. Usage: tools/setup/cuda-toolkit.sh (installs clang-22 by apt where it is missing)
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/setup/setup.sh

# The list of wheels, each stamped once laid out, decides whether there is anything to do.
folder=build/cuda-12.9
requirements=tools/setup/requirements-cuda.txt

lay_out() {
  local wheels=$1/wheels/nvidia name
  mkdir -p "$1/bin" "$1/include" "$1/nvvm"
  # Links to each file of the top folders: the headers of compiler, runtime and CCCL make up one include folder.
  for name in cuda_nvcc cuda_runtime cuda_cccl; do
    (cd "$1/include" && ln -sfn ../"${wheels#"$1"/}"/"$name"/include/* .)
  done
  ln -sfn ../wheels/nvidia/cuda_nvcc/nvvm/libdevice "$1/nvvm/libdevice"
  ln -sfn wheels/nvidia/cuda_runtime/lib "$1/lib64"
  ln -sfn ../wheels/nvidia/cuda_nvcc/bin/ptxas "$1/bin/ptxas"
  # CMake asks nvcc where its toolkit is; it compiles nothing. A link would lead it away.
  cp "$wheels/cu13/bin/nvcc" "$wheels/cu13/bin/nvcc.profile" "$wheels/cu13/bin/fatbinary" "$1/bin/"
  for name in cuobjdump nvdisasm; do
    ln -sfn ../wheels/triton/backends/nvidia/bin/$name "$1/bin/$name"
  done
  chmod +x "$1"/bin/* "$1"/wheels/nvidia/*/bin/* "$1"/wheels/triton/backends/nvidia/bin/*
}

install_packages python3 python3-venv clang-22
if [ -e $folder/requirements.txt ] && cmp -s $requirements $folder/requirements.txt; then
  echo "$folder is up to date"
  exit 0
fi
rm -rf $folder $folder.new
[ -x build/venv/bin/python ] || python3 -m venv build/venv
build/venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --target $folder.new/wheels -r $requirements
lay_out $folder.new
cp $requirements $folder.new/requirements.txt
mv $folder.new $folder
echo "CUDA 12.9 is in $folder"
