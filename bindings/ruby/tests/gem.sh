#!/bin/sh
# Builds the gem, installs it into a home of its own and uses it from there.
#
#     gem.sh
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$MONA_SCRATCH/gem
mkdir -p "$work/source" "$work/home"
cp -R "$here/../lib" "$here/../README.md" "$here/../libmona.gemspec" "$here"/../LICENSE-* "$work/source"
# As it is published for a platform: with the library inside.
mkdir -p "$work/source/lib/mona/native"
cp -L "$MONA_LIBRARY" "$work/source/lib/mona/native/libmona.so.0"
(cd "$work/source" && gem build --strict --output "$work/libmona.gem" libmona.gemspec)
GEM_HOME=$work/home
GEM_PATH=$work/home
export GEM_HOME GEM_PATH
gem install --local --no-document "$work/libmona.gem"
cd "$work"
said=$(env -u MONA_LIBRARY -u LD_LIBRARY_PATH MONA_ENDPOINT=memory: ruby -e '
require "libmona"
abort("not the gem") unless Gem.loaded_specs["libmona"] && Mona::Native::HERE.start_with?(ENV.fetch("GEM_HOME"))
Mona.context("a") { |run| run.export(b: 1) }
Mona.flush
Mona.take
puts Mona.take["message"]["b"]')
[ "$said" = 1 ]
