# fish completion for mona-collector. Written by man/generate, never by hand: `make man` writes it anew.

function __mona_collector_place
    set -l found
    set -l skip no
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if contains -- $word --forward --http --https --tls-cert --tls-key --tls-new --tls-client-ca --shared-key --user --helo --api-key --login-path --refresh-path --oidc-path --allow-host --max-body --out --store --store-size --store-age --arcs --by --port-file --like --fault --class -o --output
            set skip yes
        else if not string match -q -- '-*' $word
            set -a found $word
        end
    end
    test "$found[1]" = $argv[1] -a (count $found) -eq $argv[2]
end

complete -c mona-collector -f
complete -c mona-collector -n __fish_use_subcommand -l forward -x -d 'Listen for Fluent Forward on ADDRESS:PORT (port 0: any free port)'
complete -c mona-collector -n __fish_use_subcommand -l http -x -d 'Listen for HTTP on ADDRESS:PORT: records posted to any path, their tag'
complete -c mona-collector -n __fish_use_subcommand -l https -x -d 'The same in TLS'
complete -c mona-collector -n __fish_use_subcommand -l tls-cert -r -F -d 'Certificate for tls: and --https, PEM'
complete -c mona-collector -n __fish_use_subcommand -l tls-key -r -F -d 'Its private key, PEM'
complete -c mona-collector -n __fish_use_subcommand -l tls-new -r -F -d 'Make a certificate for localhost, 127.0.0.1 and ::1'
complete -c mona-collector -n __fish_use_subcommand -l tls-client-ca -r -F -d 'Ask clients for a certificate that these authorities signed, PEM'
complete -c mona-collector -n __fish_use_subcommand -l shared-key -x -d 'Ask Forward clients for this shared key'
complete -c mona-collector -n __fish_use_subcommand -l user -x -d 'Ask Forward clients for a user name and password'
complete -c mona-collector -n __fish_use_subcommand -l helo -x -a 'fluentd fluent-bit' -d 'Say HELO as this server does'
complete -c mona-collector -n __fish_use_subcommand -l no-keepalive -d 'Take one chunk per Forward connection, and say so in HELO'
complete -c mona-collector -n __fish_use_subcommand -l api-key -x -d 'Ask for a token at /export, and give tokens for this API key and secret'
complete -c mona-collector -n __fish_use_subcommand -l login-path -x -d 'Where tokens are given for an API key'
complete -c mona-collector -n __fish_use_subcommand -l refresh-path -x -d 'Where tokens are refreshed'
complete -c mona-collector -n __fish_use_subcommand -l oidc-path -x -d 'Where tokens are given for OIDC client credentials'
complete -c mona-collector -n __fish_use_subcommand -l allow-host -x -d 'Answer requests that are meant for this host name, too'
complete -c mona-collector -n __fish_use_subcommand -l page -f -d 'Show what arrived in a browser, on this address'
complete -c mona-collector -n __fish_use_subcommand -l listen-anywhere -d 'Let --page listen where others on the network can connect'
complete -c mona-collector -n __fish_use_subcommand -l max-body -x -d 'Refuse requests with a larger body (413)'
complete -c mona-collector -n __fish_use_subcommand -l out -r -F -d 'Append every record to this file, one JSON object per line'
complete -c mona-collector -n __fish_use_subcommand -l store -r -F -d 'Keep ARCs and events in this file of SQLite, or in memory ("memory")'
complete -c mona-collector -n __fish_use_subcommand -l store-size -x -d 'Keep the store below this size: 500MB, 4GiB'
complete -c mona-collector -n __fish_use_subcommand -l store-age -x -d 'Let ARCs go from the store so long after they began: 12h, 7d'
complete -c mona-collector -n __fish_use_subcommand -l arcs -r -F -d 'Write every ARC with its merged fields to this new file'
complete -c mona-collector -n __fish_use_subcommand -l tail -f -a 'human json' -d 'Show records on standard output as they come: human or json'
complete -c mona-collector -n 'contains -- (commandline -opc)[-1] --tail' -f -a 'human json'
complete -c mona-collector -n __fish_use_subcommand -l by -x -d 'Also show each KAPI per value of this field'
complete -c mona-collector -n __fish_use_subcommand -l brief -d 'Sum up on a screen: means alone, for each --by its values side by side'
complete -c mona-collector -n __fish_use_subcommand -l port-file -r -F -d 'Write the addresses to this file, one per line'
complete -c mona-collector -n __fish_use_subcommand -l exit-when-idle -f -d 'Exit when every connection is closed and nothing arrived for SECONDS'
complete -c mona-collector -n __fish_use_subcommand -l like -x -a 'fluent-bit fluentd otel victorialogs plain' -d 'Refuse what this server refuses'
complete -c mona-collector -n __fish_use_subcommand -l fault -x -d 'Misbehave: one fault per connection, separated by commas'
complete -c mona-collector -n __fish_use_subcommand -s h -l help -d 'Print help'
complete -c mona-collector -n __fish_use_subcommand -s V -l version -d 'Print version'
complete -c mona-collector -n __fish_use_subcommand -a import -d 'Read a file that --out wrote into a store'
complete -c mona-collector -n '__mona_collector_place import 1' -F
complete -c mona-collector -n '__fish_seen_subcommand_from import' -l store -r -F -d 'The store'
complete -c mona-collector -n '__fish_seen_subcommand_from import' -l store-size -x -d 'Keep the store below this size: 500MB, 4GiB'
complete -c mona-collector -n '__fish_seen_subcommand_from import' -s h -l help -d 'Print help'
complete -c mona-collector -n __fish_use_subcommand -a export -d 'Write what a store has into a file for other programs'
complete -c mona-collector -n '__fish_seen_subcommand_from export' -l parquet -d 'As Parquet'
complete -c mona-collector -n '__fish_seen_subcommand_from export' -l csv -d 'As CSV, with names in the first line'
complete -c mona-collector -n '__fish_seen_subcommand_from export' -l ndjson -d 'As one JSON object per line'
complete -c mona-collector -n '__fish_seen_subcommand_from export' -l class -x -d 'Contexts of this class'
complete -c mona-collector -n '__fish_seen_subcommand_from export' -l store -r -F -d 'The store'
complete -c mona-collector -n '__fish_seen_subcommand_from export' -s o -l output -r -F -d 'The file, which is there when all of it is written'
complete -c mona-collector -n '__fish_seen_subcommand_from export' -s h -l help -d 'Print help'
complete -c mona-collector -n __fish_use_subcommand -a help -d 'Print this message or the help of the given subcommand(s)'
