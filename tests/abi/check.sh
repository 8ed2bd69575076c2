#!/usr/bin/env bash
# Holds the binary interface to what programs were built on: the layout of pleura.h's structs to layout.txt and, where a shared library is
# given, the symbols that it shows, its soname and the version they carry to symbols.txt. Every struct and enumerator of pleura.h must be in
# layout.c, every C function among the symbols.
# Usage: tests/abi/check.sh [--accept] GENERATED_INCLUDE [LIBRARY]     --accept writes the lists anew
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
header=$here/../../include/pleura/pleura.h
accept=
[ "$1" != --accept ] || { accept=1; shift; }
generated=$1 library=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "abi: $*" >&2
  exit 1
}

# hold LIST FOUND: what was found is what is kept.
hold() {
  [ -z "$accept" ] || cp "$2" "$here/$1"
  diff -u "$here/$1" "$2" >&2 ||
    fail "$1 differs: if no program built on an earlier library is misled, or the soname changes, run with --accept"
}

cc -std=c99 -Wall -Wextra -Werror -I "$here/../../include" -I "$generated" "$here/layout.c" -o "$work/layout"
"$work/layout" >"$work/layout.txt"
hold layout.txt "$work/layout.txt"
for line in $(sed -nE 's/^typedef struct (\w+) \{.*/STRUCT(\1)/p' "$header") $(grep -oE '\bPLEURA_[A-Z0-9_]+ = ' "$header" | sed -E 's/(.*) = /NUMBER(\1)/'); do
  grep -qF "$line" "$here/layout.c" || fail "layout.c lacks $line"
done

[ -n "$library" ] || { echo "structs and enumerators as kept"; exit 0; }
{
  readelf -d "$library" | sed -nE 's/.*\(SONAME\).*\[(.*)\]$/soname \1/p'
  nm -D --defined-only "$library" | cut -d" " -f2- | LC_ALL=C sort -k2
} >"$work/symbols.txt"
hold symbols.txt "$work/symbols.txt"
for name in $(grep -oE '^PLEURA_API .*\bpleura_[a-z0-9_]+\(' "$header" | grep -oE 'pleura_[a-z0-9_]+\($' | tr -d '('); do
  grep -q " $name@" "$here/symbols.txt" || fail "$name is declared in pleura.h, but no symbol of $library"
done
echo "structs and enumerators as kept; $(($(wc -l <"$here/symbols.txt") - 1)) symbols, as kept"
