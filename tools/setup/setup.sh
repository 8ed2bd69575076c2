# Shared by ./quickstart and ./check: says what is done, installs what is missing, times each part. Source it from the
# repository's root; it defines functions only.

readonly build_packages="g++ cmake ninja-build python3 python3-venv libhdf5-dev libdcmtk-dev libopenjp2-7-dev libarchive-dev
  libcli11-dev nlohmann-json3-dev zlib1g-dev"
readonly check_packages="$build_packages ccache git pkg-config libgtest-dev libgmock-dev clang-format"
readonly full_packages="libbenchmark-dev xz-utils"
readonly deep_packages="clang-tidy-22 gcovr"
readonly fuzz_packages="clang libclang-rt-14-dev llvm dpkg-dev libbz2-dev liblzma-dev libzstd-dev"

part_names=()
part_seconds=()

say() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }

# part NAME COMMAND...: says the name, runs the command, remembers how long it took; ends the script where it fails. $only, where it is
# set, is a regular expression of the names of those that run.
part() {
  local name=$1 start=$SECONDS
  [[ $name =~ ${only:-} ]] || return 0
  shift
  say "$name"
  if ! "$@"; then
    print_parts
    printf 'failed: %s\n' "$name" >&2
    exit 1
  fi
  part_names+=("$name")
  part_seconds+=($((SECONDS - start)))
}

print_parts() {
  local i total=0
  printf '\n%-52s %8s\n' part minutes
  for i in "${!part_names[@]}"; do
    printf '%-52s %5d:%02d\n' "${part_names[$i]}" $((part_seconds[i] / 60)) $((part_seconds[i] % 60))
    total=$((total + part_seconds[i]))
  done
  printf '%-52s %5d:%02d\n' total $((total / 60)) $((total % 60))
}

# install_packages NAME...: by apt where there is one, else the list of what is needed.
install_packages() {
  local package missing=()
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    [ -e build/.packages-present ] && return 0
    cat >&2 <<EOF
This script installs packages with apt (Debian 12, Ubuntu). On this system please install these yourself (Debian's names):
  $(echo $*)
then 'mkdir -p build && touch build/.packages-present' and run this script again.
EOF
    return 1
  fi
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -q '^installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    echo "all $# packages are installed"
    return 0
  fi
  echo "installing ${#missing[@]} of $#: ${missing[*]}"
  local root=()
  if [ "$(id -u)" != 0 ]; then root=(sudo); fi
  "${root[@]}" apt-get update -q >/dev/null &&
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" |
    awk -v terminal="$([ -t 1 ] && echo 1)" '/^E:/ { print } /^Setting up/ { n++; if (terminal) printf "\r%d set up", n; fflush() }
      END { print (terminal ? "" : n " packages set up") }'
  return "${PIPESTATUS[0]}"
}

# lay_out_wheels FOLDER REQUIREMENTS ARRANGE...: wheels from PyPI in FOLDER/wheels, kept until the list changes. ARRANGE, given the folder to
# work in, makes of them what is looked for. The folder appears whole. For scripts that end where a command fails.
lay_out_wheels() {
  local folder=$1 requirements=$2
  shift 2
  if cmp -s "$requirements" "$folder/requirements.txt"; then return 0; fi
  rm -rf "$folder" "$folder.new"
  [ -x build/venv/bin/python ] || python3 -m venv build/venv
  build/venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --target "$folder.new/wheels" -r "$requirements"
  "$@" "$folder.new"
  cp "$requirements" "$folder.new/requirements.txt"
  mv "$folder.new" "$folder"
}

# python_environment REQUIREMENTS: build/venv with those wheels, kept until the list changes.
python_environment() {
  local stamp=build/venv/.$(basename "$1" .txt)
  if [ -e "$stamp" ] && [ -z "$(find tools/setup tools/training -name 'requirements*.txt' -newer "$stamp")" ]; then
    echo "build/venv is up to date"
    return 0
  fi
  [ -x build/venv/bin/python ] || python3 -m venv build/venv || return 1
  local bar=off
  [ -t 1 ] && bar=on
  build/venv/bin/python -m pip install --disable-pip-version-check --quiet --progress-bar $bar -r "$1" && touch "$stamp"
}
