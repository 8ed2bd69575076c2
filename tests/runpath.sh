#!/usr/bin/env bash
# Holds that no program or library below the folders looks for libraries where its user happens to be: every entry of its RUNPATH is
# absolute or begins at the file itself, and what lies in the current folder is not loaded. Usage: tests/runpath.sh FOLDER...
set -euo pipefail

fail() {
  echo "runpath.sh: $*" >&2
  exit 1
}

mapfile -t files < <(find "$@" -type f \( -perm -u+x -o -name '*.so*' \) -not -path '*/CMakeFiles/*' 2>/dev/null)
checked=0
for file in "${files[@]}"; do
  dynamic=$(readelf -d "$file" 2>/dev/null) || continue
  checked=$((checked + 1))
  path=$(sed -nE 's/.*\((RPATH|RUNPATH)\).*\[(.*)\]$/\2/p' <<<"$dynamic")
  [ -n "$path" ] || continue
  while IFS= read -r entry; do
    case $entry in
      /* | '$ORIGIN' | '$ORIGIN/'*) ;;
      *) fail "$file: RUNPATH '$path' holds '$entry', expected absolute folders alone" ;;
    esac
  done <<<"${path//:/$'\n'}"
done
[ "$checked" -gt 0 ] || fail "$*: no program or library, expected some"

# Libraries of others in the current folder, as on a disc that came with the mail.
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
echo 'int write(int, const void *, unsigned long); __attribute__((constructor)) static void run(void) { (void)!write(2, "planted\n", 8); }' |
  cc -x c -shared -fPIC -o "$planted/libz.so.1" -Wl,-soname,libz.so.1 -
cp "$planted/libz.so.1" "$planted/libopenjp2.so.7"
for file in "${files[@]}"; do
  [ "$(basename "$file")" = pleura ] || continue
  program=$(realpath "$file") said=
  said=$(cd "$planted" && "$program" --version 2>&1) || fail "$program --version: $said"
  [[ $said == 'pleura '* && $said != *planted* ]] || fail "$program in a folder of planted libraries says: $said"
  # The same libraries do show where they are asked for.
  said=$(cd "$planted" && LD_LIBRARY_PATH=. "$program" --version 2>&1) || true
  [[ $said == *planted* || $said == *./lib* ]] || fail "planted libraries were not found where they should be: $said"
done
echo "$checked programs and libraries: no RUNPATH leads to the current folder"
