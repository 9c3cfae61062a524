#!/bin/sh
# Serves 200 requests, 50 at a time, by two workers of nginx with Lua; each request waits twice in the middle of its
# context. For nginx.json, which says what has to arrive: nginx.sh NGINX ROOT. Below ROOT are the packages of Debian.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
nginx=$1
root=$2
modules=$root/usr/lib/nginx/modules
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
as_root=
[ "$(id -u)" != 0 ] || as_root="user $(id -un) $(id -gn);"
cat >"$folder/nginx.conf" <<END
load_module $modules/ndk_http_module.so;
load_module $modules/ngx_http_lua_module.so;
$as_root
daemon off;
worker_processes 2;
pid $folder/pid;
error_log $folder/log;
env MONA_ENDPOINT;
env MONA_EVENT_ID;
env MONA_LIBRARY;
events {}
http {
    access_log off;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    lua_package_path "$here/../src/?.lua;$root/usr/share/lua/5.1/?.lua;;";
    server {
        listen unix:$folder/socket;
        location / {
            content_by_lua_file $here/nginx.lua;
        }
    }
}
END
# The fork of LuaJIT that the module is made for.
LD_LIBRARY_PATH=$(dirname -- "$(find "$root" -name 'libluajit-5.1.so.2' | head -n 1)"):$LD_LIBRARY_PATH
export LD_LIBRARY_PATH
"$nginx" -p "$folder" -c "$folder/nginx.conf" 2>"$folder/said" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 "$here/nginx.py" "$folder/socket" || { cat "$folder/log" "$folder/said" >&2; exit 1; }
# Workers end by themselves and flush.
kill -QUIT "$server"
wait "$server"
