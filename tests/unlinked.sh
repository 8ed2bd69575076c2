#!/usr/bin/env bash
# Holds that nothing below the folders is linked to NVIDIA's cuDNN or cuBLAS, which are opened while the program runs: neither as a library
# that the loader brings, nor by a name that somebody else is to have. Usage: tests/unlinked.sh FOLDER...
set -euo pipefail

fail() {
  echo "unlinked.sh: $*" >&2
  exit 1
}

mapfile -t files < <(find "$@" -type f \( -perm -u+x -o -name '*.so*' -o -name '*.a' \) -not -path '*/CMakeFiles/*' 2>/dev/null)
checked=0
for file in "${files[@]}"; do
  readelf -h "$file" >/dev/null 2>&1 || continue
  checked=$((checked + 1))
  needed=$(readelf -d "$file" 2>/dev/null | grep -E 'NEEDED.*lib(cudnn|cublas)') && fail "$file: $needed"
  names=$(nm --undefined-only "$file" 2>/dev/null; nm --dynamic --undefined-only "$file" 2>/dev/null) || true
  wanted=$(grep -E ' (cudnn|cublas)[A-Z]' <<<"$names") && fail "$file: undefined $wanted"
done
[ "$checked" -gt 0 ] || fail "$*: no program or library, expected some"
echo "$checked programs and libraries: none is linked to cuDNN or cuBLAS"
