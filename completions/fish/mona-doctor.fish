# fish completion for mona-doctor. Written by man/generate, never by hand: `make man` writes it anew.

function __mona_doctor_setting
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

complete -c mona-doctor -f
complete -c mona-doctor -s o -x -a '(__mona_doctor_setting)' -d 'set an option'
complete -c mona-doctor -l all -d 'show every option and every step, and log lines of all levels'
complete -c mona-doctor -l watch -f -d 'look again every so many seconds (5), until Ctrl-C'
complete -c mona-doctor -l json -d 'print libmona\'s own report, for programs'
complete -c mona-doctor -l timeout -x -d 'the longest time for the check (15)'
complete -c mona-doctor -l version -d 'print the version of the library'
complete -c mona-doctor -l help -d 'print this'
