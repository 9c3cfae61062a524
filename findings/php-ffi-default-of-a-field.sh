#!/bin/sh
# PHP 8.2 with its extension FFI, "??" on a scalar field of a C struct.
#
# Reading a scalar field gives a PHP value, so "$struct->count ?? 7" is expected to give it too, as it is for every other
# object whose property is set. It gives an FFI\CData object that refers to the field instead: json_encode writes it as {}, a
# flag that is false counts as true, === with the field's own value is false, and the variable that got it follows later
# changes of the struct. There is no error or warning on any of these. isset() on the same field throws, with a text about
# arrays. The same goes for elements of C arrays.
#
# Needs PHP 8.2 with FFI on the machine; is skipped without. Makes a temporary folder. Prints what it saw; fails when that
# changes.
set -eu

version='echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION, extension_loaded("ffi") ? "" : " without FFI";'
found=$(php -r "$version" 2>/dev/null) || found=none
[ "$found" = 8.2 ] || { echo "skipped: needs PHP 8.2 with FFI, found: $found" && exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >finding.php <<'PHP'
<?php
$ffi = FFI::cdef();
$struct = $ffi->new("struct {int32_t count; bool ready; int32_t list[2];}");
$struct->count = 5;
$struct->list[0] = 5;

echo "read: ", get_debug_type($struct->count), ", ", get_debug_type($struct->list[0]), "\n";
echo "with ??: ", get_debug_type($struct->count ?? 7), ", ", get_debug_type($struct->list[0] ?? 7), "\n";
echo "JSON, read: ", json_encode(["count" => $struct->count]), "\n";
echo "JSON, with ??: ", json_encode(["count" => $struct->count ?? 7]), "\n";
echo "false flag, read: ", $struct->ready ? "true" : "false", "\n";
echo "false flag, with ??: ", ($struct->ready ?? true) ? "true" : "false", "\n";
echo "is 5, read: ", $struct->count === 5 ? "yes" : "no", "\n";
echo "is 5, with ??: ", ($struct->count ?? 7) === 5 ? "yes" : "no", "\n";
[$read, $defaulted] = [$struct->count, $struct->count ?? 7];
$struct->count = 6;
echo "after the field became 6: read $read, with ?? $defaulted\n";
try {
    $set = isset($struct->count) ? "yes" : "no";
    echo "isset: $set\n";
} catch (Error $error) {
    echo "isset: ", get_class($error), ": ", $error->getMessage(), "\n";
}
PHP
php -d ffi.enable=1 -d display_errors=1 -d error_reporting=-1 finding.php >seen
cat seen
cat >expected <<'SEEN'
read: int, int
with ??: FFI\CData, FFI\CData
JSON, read: {"count":5}
JSON, with ??: {"count":{}}
false flag, read: false
false flag, with ??: true
is 5, read: yes
is 5, with ??: no
after the field became 6: read 5, with ?? 6
isset: Error: Cannot use object of type FFI\CData as array
SEEN
diff expected seen
