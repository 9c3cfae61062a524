# fish completion for mona-spool. Written by man/generate, never by hand: `make man` writes it anew.

function __mona_spool_setting
    set -l parts (string split -m 1 = -- (commandline -ct))
    if not set -q parts[2]
        string split ' ' -- 'user_id= host= port= use_ssl= endpoint= balance= http_format= otlp_encoding= service_name= ca_file= tls_server_name= client_cert_file= client_key_file= shared_key= username= password= api_key= api_secret= auth_mode= auth_url= refresh_url= oidc_scope= http_header= ack= compress= queue_size= queue_bytes= queue_circular= block_timeout_ms= blocking= flush_interval_ms= chunk_bytes= max_event_bytes= max_depth= nonfinite= connect_timeout_ms= io_timeout_ms= ack_timeout_ms= retry_initial_ms= retry_max_ms= exit_flush_ms= spool_dir= spool_bytes= spool_sync= disable_all= config_file= log_level= print_logs= sample_rate= sample_rates= drop_fields= hash_fields= hash_salt= drop_null_fields= event_id= arc_id= time_precision='
        return
    end
    switch $parts[1]
        case use_ssl ack
            printf '%s\n' $parts[1]=(string split ' ' -- 'true false auto')
        case endpoint
            printf '%s\n' $parts[1]=(string split ' ' -- 'tcp:// tls:// unix:/// http:// https:// otlp+http:// otlp+https:// file:/// stdout: memory: null: srv+tls:// srv+tcp://')
        case balance
            printf '%s\n' $parts[1]=(string split ' ' -- 'sticky spread')
        case http_format
            printf '%s\n' $parts[1]=(string split ' ' -- 'records lines mona')
        case otlp_encoding
            printf '%s\n' $parts[1]=(string split ' ' -- 'protobuf json')
        case ca_file client_cert_file client_key_file config_file
            printf '%s\n' $parts[1]=(__fish_complete_path $parts[2])
        case auth_mode
            printf '%s\n' $parts[1]=(string split ' ' -- 'mona oidc none')
        case compress
            printf '%s\n' $parts[1]=(string split ' ' -- 'none gzip')
        case queue_circular blocking disable_all drop_null_fields event_id arc_id
            printf '%s\n' $parts[1]=(string split ' ' -- 'true false')
        case nonfinite
            printf '%s\n' $parts[1]=(string split ' ' -- 'null ieee')
        case spool_dir
            printf '%s\n' $parts[1]=(__fish_complete_directories $parts[2])
        case spool_sync
            printf '%s\n' $parts[1]=(string split ' ' -- 'none interval chunk')
        case print_logs
            printf '%s\n' $parts[1]=(string split ' ' -- 'true false stderr')
        case time_precision
            printf '%s\n' $parts[1]=(string split ' ' -- 'auto s ms ns')
    end
end

function __mona_spool_place
    set -l found
    set -l skip no
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if contains -- $word -o --timeout
            set skip yes
        else if not string match -q -- '-*' $word
            set -a found $word
        end
    end
    test "$found[1]" = $argv[1] -a (count $found) -eq $argv[2]
end

complete -c mona-spool -f
complete -c mona-spool -l json -d 'print libmona\'s own report, for programs'
complete -c mona-spool -s o -x -a '(__mona_spool_setting)' -d 'set an option'
complete -c mona-spool -l timeout -x -d 'give up when nothing was delivered for so long (60)'
complete -c mona-spool -l version -d 'print the version of the library'
complete -c mona-spool -l help -d 'print this'
complete -c mona-spool -n __fish_use_subcommand -a ls -d 'shows what each instance holds, the oldest first'
complete -c mona-spool -n '__mona_spool_place ls 1' -f -a '(__fish_complete_directories)'
complete -c mona-spool -n __fish_use_subcommand -a verify -d 'reads everything and prints a line for each thing that is damaged'
complete -c mona-spool -n '__mona_spool_place verify 1' -f -a '(__fish_complete_directories)'
complete -c mona-spool -n __fish_use_subcommand -a cat -d 'prints each record that waits as a line of JSON, as stdout: does'
complete -c mona-spool -n '__mona_spool_place cat 1' -f -a '(__fish_complete_directories)'
complete -c mona-spool -n __fish_use_subcommand -a send -d 'sends what ended programs left to ENDPOINT and removes it'
complete -c mona-spool -n '__mona_spool_place send 1' -f -a '(__fish_complete_directories)'
complete -c mona-spool -n '__mona_spool_place send 2' -f -a 'tcp:// tls:// unix:/// http:// https:// otlp+http:// otlp+https:// file:/// stdout: srv+tls:// srv+tcp://'
