#!/usr/bin/env bash
# Builds what reads files of others for pleura - zlib, OpenJPEG, DCMTK, libarchive - from Debian's own sources, patches included,
# by clang under ASan and UBSan and with coverage for libFuzzer, into build/fuzz/deps. Once: a second run does nothing.
# Needs a Debian with apt-get and dpkg-source; changes nothing outside build/fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."
readonly sources=$PWD/build/fuzz/sources prefix=$PWD/build/fuzz/deps
readonly flags="-O1 -g1 -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer"
export CC=${CC:-clang} CXX=${CXX:-clang++}

# fetch PACKAGE...: sources as Debian signs them, from where this machine has its packages, by an apt of our own that asks for both.
fetch() {
  local apt=$sources/apt
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/parts"
  find /etc/apt/sources.list.d -name '*.sources' -exec cp -t "$apt/parts" {} +
  find /etc/apt -maxdepth 2 -name '*.list' -exec sed '/^deb /{p;s/^deb /deb-src /}' {} + >"$apt/parts/lists.list"
  sed -i 's/^Types:.*/Types: deb deb-src/' "$apt"/parts/*.sources 2>/dev/null || true
  printf '%s "%s";\n' Dir::Etc::SourceList /dev/null Dir::Etc::SourceParts "$apt/parts" Dir::State::Lists "$apt/lists" \
    Dir::Cache "$apt/cache" APT::Sandbox::User "$(id -un)" >"$apt/apt.conf"
  APT_CONFIG=$apt/apt.conf apt-get update -q && (cd "$sources" && APT_CONFIG=$apt/apt.conf apt-get source -q "$@")
}

folder_of() { find "$sources" -mindepth 1 -maxdepth 1 -type d -name "$1-*"; }

# install NAME [CMAKE OPTION...]: builds and installs one.
install() {
  local folder
  folder=$(folder_of "$1")
  shift
  cmake -S "$folder" -B "$folder/fuzz" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX="$prefix" \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF -DCMAKE_C_FLAGS="$flags" \
    -DCMAKE_CXX_FLAGS="$flags" "$@" >"$folder.log" && cmake --build "$folder/fuzz" >>"$folder.log" &&
    cmake --install "$folder/fuzz" >>"$folder.log" || { tail -n 30 "$folder.log" >&2; return 1; }
}

# zlib by its own script: Debian's sources lack a file that its CMake asks for.
install_zlib() {
  (cd "$(folder_of zlib)" && CFLAGS="-fPIC $flags" ./configure --static --prefix="$prefix" && make install) >"$sources/zlib.log" ||
    { tail -n 30 "$sources/zlib.log" >&2; return 1; }
}

[ ! -e "$prefix/versions" ] || exit 0
rm -rf "$sources" "$prefix"
mkdir -p "$sources" "$prefix"
fetch zlib openjpeg2 dcmtk libarchive
install_zlib
install openjpeg2 -DBUILD_CODEC=OFF -DBUILD_STATIC_LIBS=ON
install dcmtk -DBUILD_APPS=OFF -DDCMTK_MODULES="ofstd;oflog;dcmdata;dcmimgle;dcmimage;dcmjpeg;dcmjpls" -DDCMTK_WITH_OPENSSL=OFF \
  -DDCMTK_WITH_XML=OFF -DDCMTK_WITH_TIFF=OFF -DDCMTK_WITH_PNG=OFF -DDCMTK_WITH_ICONV=OFF -DDCMTK_WITH_ICU=OFF -DDCMTK_WITH_WRAP=OFF \
  -DDCMTK_WITH_DOXYGEN=OFF -DCMAKE_INSTALL_DATADIC=share/libdcmtk -DDCMTK_ENABLE_PRIVATE_TAGS=ON -DDCMTK_ENABLE_STL=ON -DCMAKE_CXX_STANDARD=17
# Shared, for it brings the compressors that it was built with. It knows no build type of None.
install libarchive -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG= -DBUILD_SHARED_LIBS=ON -DENABLE_WERROR=OFF -DENABLE_TEST=OFF -DENABLE_TAR=OFF -DENABLE_CPIO=OFF -DENABLE_CAT=OFF \
  -DENABLE_OPENSSL=OFF -DENABLE_LIBXML2=OFF -DENABLE_EXPAT=OFF -DENABLE_ACL=OFF -DENABLE_XATTR=OFF
find "$sources" -maxdepth 1 -name '*.dsc' -printf '%f\n' | sed 's/\.dsc$//' | sort >"$prefix/versions"
