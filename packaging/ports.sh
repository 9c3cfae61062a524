#!/bin/sh
# Writes the recipes of Conan, vcpkg and conda for a source tarball, with its checksums.
#
#     ports.sh MONA-VERSION.TAR.XZ URL OUT_DIR
#
# URL is the folder that the tarball will be fetched from. Writes OUT_DIR/conan, OUT_DIR/vcpkg/mona and OUT_DIR/conda.
set -eu

[ $# -eq 3 ] || { echo "usage: ports.sh MONA-VERSION.TAR.XZ URL OUT_DIR" >&2; exit 2; }
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
tarball=$1
url=${2%/}
out=$3
name=$(basename "$tarball" .tar.xz)
version=${name#mona-}
sha256=$(sha256sum "$tarball" | cut -d ' ' -f 1)
sha512=$(sha512sum "$tarball" | cut -d ' ' -f 1)

fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@URL@|$url|g" -e "s|@SHA256@|$sha256|g" -e "s|@SHA512@|$sha512|g" "$1"
}

rm -rf "$out"
mkdir -p "$out/conan/test_package" "$out/vcpkg/mona" "$out/conda"
cp "$here/conan/conanfile.py" "$out/conan/"
fill "$here/conan/conandata.yml.in" >"$out/conan/conandata.yml"
# What is a link in the sources is the file.
cp -L "$here/conan/test_package"/* "$out/conan/test_package/"
for file in vcpkg.json portfile.cmake; do
    fill "$here/vcpkg/$file.in" >"$out/vcpkg/mona/$file"
done
cp "$here/vcpkg/usage" "$out/vcpkg/mona/"
fill "$here/conda/recipe.yaml.in" >"$out/conda/recipe.yaml"
cp "$here/conda/build.sh" "$out/conda/"
