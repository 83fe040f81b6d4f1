#!/bin/sh
# Rebuilds src/tocsin/web/static from the sources here, byte for byte. Needs node and npm; the product does not.
#   web-src/build.sh          writes the files
#   web-src/build.sh --check  fails when a written file differs from a fresh build
set -eu
here=$(cd "$(dirname "$0")" && pwd)
static="$here/../src/tocsin/web/static"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/*.ts "$here"/*.json "$work"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund --silent
node_modules/.bin/tsc -p .

build() { node_modules/.bin/esbuild "$@" --format=esm --target=es2022 --charset=utf8 --log-level=warning; }
mkdir -p out/vendor
build vendor-d3-geo.ts --bundle --minify --legal-comments=none --outfile=out/vendor/d3-geo.js
build map.ts table.ts --outdir=out
sed -i 's#from "d3-geo"#from "./vendor/d3-geo.js"#' out/map.js

{
  echo "d3-geo.js holds parts of these packages, bundled by web-src/build.sh:"
  for name in d3-geo d3-array internmap; do
    version=$(node -p "require('./node_modules/$name/package.json').version")
    printf '\n== %s %s ==\n\n' "$name" "$version"
    cat "node_modules/$name/LICENSE"
  done
} > out/vendor/d3-geo.LICENSE.txt

if [ "${1:-}" = "--check" ]; then
  for file in map.js table.js vendor/d3-geo.js vendor/d3-geo.LICENSE.txt; do
    cmp "out/$file" "$static/$file"
  done
else
  mkdir -p "$static/vendor"
  cp out/map.js out/table.js "$static/"
  cp out/vendor/* "$static/vendor/"
fi
