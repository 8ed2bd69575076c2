#!/usr/bin/env bash
# Holds that what a build installs can be used, static and shared: the command, and the examples built by find_package and by pkg-config,
# which know nothing of this tree, screen a CT. Usage: tests/installed.sh BUILD     leaves BUILD static
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
weights=weights/demo/pleura-demo.h5

use() {
  local prefix=$1 examples=$2 ct=$2/phantom/ct.nii.gz lib program said status
  rm -rf "$prefix" "$examples"
  cmake --install "$build" --prefix "$prefix" >/dev/null
  cmake -S examples -B "$examples" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix;$PWD/build/venv" >/dev/null
  cmake --build "$examples"
  lib=$(dirname "$(find "$prefix" -name 'libpleura.*' -print -quit)")
  # Hidden: what is thrown is caught by a program whose own types nobody sees, too.
  c++ -std=c++20 -fvisibility=hidden examples/screen.cpp -o "$examples/screen_by_pkg_config" -Wl,-rpath,"$lib:$PWD/build/venv/lib" \
    $(PKG_CONFIG_PATH=$lib/pkgconfig pkg-config --static --cflags --libs pleura)
  tests/runpath.sh "$prefix" "$examples"
  tests/unlinked.sh "$prefix" "$examples"
  "$prefix/bin/pleura" phantom --seed 1 --format nifti --spacing 6,3,3 --matrix 128 --out "$examples/phantom" >/dev/null
  for program in screen screen_c screen_by_pkg_config; do
    "$examples/$program" "$ct" $weights "$examples/result-$program" >/dev/null
    [ -s "$examples/result-$program/result.json" ] || { echo "installed.sh: $examples/$program wrote no result" >&2; exit 1; }
    # What the library throws arrives.
    status=0
    said=$("$examples/$program" "$examples/absent" $weights "$examples/none" 2>&1) || status=$?
    [[ $status = 2 && $said == *absent* ]] || { echo "installed.sh: $program of no CT ended with $status: $said" >&2; exit 1; }
  done
}

for shared in ON OFF; do  # only linked anew: a shared library is made of the static one's objects
  cmake -B "$build" -DBUILD_SHARED_LIBS=$shared >/dev/null
  targets=(pleura_command)
  [ $shared = OFF ] || targets+=(pleura_shared)
  cmake --build "$build" --target "${targets[@]}"
  [ $shared = OFF ] || tests/abi/check.sh "$build/include" "$build/lib/libpleura.so"
  use "$PWD/$build/install-shared-$shared" "$build/installed-examples-shared-$shared"
done
