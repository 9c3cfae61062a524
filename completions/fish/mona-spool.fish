# fish completion for mona-spool. Written by man/generate, never by hand: `make man` writes it anew.

complete -c mona-spool -f
complete -c mona-spool -l json -d 'print libmona'\''s own report, for programs'
complete -c mona-spool -s o -r -a 'user_id= host= port= use_ssl= endpoint= balance= http_format= otlp_encoding= service_name= ca_file= tls_server_name= client_cert_file= client_key_file= shared_key= username= password= api_key= api_secret= auth_mode= auth_url= refresh_url= oidc_scope= http_header= ack= compress= queue_size= queue_bytes= queue_circular= block_timeout_ms= blocking= flush_interval_ms= chunk_bytes= max_event_bytes= max_depth= nonfinite= connect_timeout_ms= io_timeout_ms= ack_timeout_ms= retry_initial_ms= retry_max_ms= exit_flush_ms= spool_dir= spool_bytes= spool_sync= disable_all= config_file= log_level= print_logs= sample_rate= sample_rates= drop_fields= hash_fields= hash_salt= drop_null_fields= event_id= arc_id= time_precision=' -d 'set an option'
complete -c mona-spool -l timeout -r -d 'give up when nothing was delivered for so long (60)'
complete -c mona-spool -l version -d 'print the version of the library'
complete -c mona-spool -l help -d 'print this'
complete -c mona-spool -n __fish_use_subcommand -a ls -d 'shows what each instance holds, the oldest first, and whether the program ...'
complete -c mona-spool -n '__fish_seen_subcommand_from ls' -F
complete -c mona-spool -n __fish_use_subcommand -a verify -d 'reads everything and prints a line for each thing that is damaged'
complete -c mona-spool -n '__fish_seen_subcommand_from verify' -F
complete -c mona-spool -n __fish_use_subcommand -a cat -d 'prints each record that waits as a line of JSON, as stdout'
complete -c mona-spool -n '__fish_seen_subcommand_from cat' -F
complete -c mona-spool -n __fish_use_subcommand -a send -d 'sends what ended programs left to ENDPOINT and removes it'
complete -c mona-spool -n '__fish_seen_subcommand_from send' -F
