#!/usr/bin/env bash
# Builds the library of preset appliance-shared, with CMake options if any are given, in build/appliance-shared, and prints the bytes that it
# has stripped, and how many libraries the loader brings in with it. Usage: tests/appliance/size.sh [CMAKE OPTION...]
set -euo pipefail
cd "$(dirname "$0")/../.."
build=build/appliance-shared
rm -f $build/CMakeCache.txt  # options of an earlier call
cmake --preset appliance-shared -DPLEURA_UNITY=ON "$@" >"$build.log" || { tail -n 20 "$build.log" >&2; exit 1; }
cmake --build --preset appliance-shared --target pleura_shared >"$build.log" || { tail -n 20 "$build.log" >&2; exit 1; }
strip -o $build/stripped.so $build/lib/libpleura.so
echo "$(stat -c %s $build/stripped.so) $(ldd $build/lib/libpleura.so | grep -c ' => ')"
