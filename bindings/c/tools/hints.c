#include "hints.h"

#include <stddef.h>
#include <string.h>

#include "scheme.h"

enum {
    SERVICE = KIND_SERVICE_TCP | KIND_SERVICE_TLS,
    FORWARD = KIND_TCP | KIND_TLS | SERVICE,
    WEB = KIND_HTTP | KIND_OTLP | KIND_REST,
    ANY = FORWARD | WEB | KIND_UNIX | KIND_FILE | KIND_OTHER
};

/*
 * The first one that fits counts: of these kinds, at this step or any (""), where its `finding` is one of these, with
 * blanks between them, or any ("").
 * Nothing is advised that would switch off what protects events where something else is the cause.
 */
static const struct {
    unsigned kinds;
    const char *step;
    const char *finding;
    struct hint hint;
} hints[] = {
    {SERVICE, "resolve", "",
     {"endpoint", "\"dig SRV _service._tcp.example.com\" asks for the same records; a name server has to have them."}},
    {WEB, "resolve", "",
     {"endpoint; in the environment https_proxy, http_proxy, no_proxy",
      "\"getent hosts NAME\" asks the same resolver. Where only a proxy gets out, name it in https_proxy."}},
    {ANY, "resolve", "",
     {"endpoint, or host",
      "\"getent hosts NAME\" asks the same resolver. In a container the name is that of the other container or service."}},

    {KIND_UNIX, "connect", "",
     {"endpoint",
      "Start the collector, or name the path where it makes its socket. In a container that folder has to be mounted, and "
      "this user needs the right to write to the socket."}},
    {KIND_FILE, "connect", "folder", {"endpoint", "Name a file in that folder, or one elsewhere."}},
    {KIND_FILE, "connect", "no_folder",
     {"endpoint", "Make the folder: libmona makes the file, and no folder for it."}},
    {KIND_FILE, "connect", "under_file",
     {"endpoint",
      "A part of the path is a file and no folder: name a path below folders alone, or move that file away."}},
    {KIND_FILE, "connect", "forbidden",
     {"endpoint", "Give this user the right to write there, or name a path where it has it."}},
    {KIND_FILE, "connect", "read_only",
     {"endpoint", "Name a path on a disk that is written to, or mount that one for writing."}},
    {KIND_FILE, "connect", "full", {"endpoint", "Make room on that disk, or name a path on another one."}},
    {KIND_FILE, "connect", "", {"endpoint", "A path that this user may append to is expected."}},
    {WEB, "connect", "proxy",
     {"in the environment https_proxy, http_proxy, no_proxy",
      "The proxy stands in the way: is it running, and may this machine use it? What is reached without it belongs into "
      "no_proxy."}},
    {WEB, "connect", "",
     {"endpoint, connect_timeout_ms; in the environment https_proxy, http_proxy, no_proxy",
      "Is it running, is the port right, does a firewall stand between? \"curl -v URL\" from here takes the same way."}},
    {SERVICE, "connect", "",
     {"endpoint, balance, connect_timeout_ms",
      "None of the servers that the SRV records name answered: do their ports listen, does a firewall stand between?"}},
    {ANY, "connect", "",
     {"endpoint, or host and port; connect_timeout_ms",
      "Is the collector running, and does it listen at this address and port (24224 mostly)? One in another container or "
      "machine has to listen at 0.0.0.0; a firewall may stand between."}},

    {ANY, "tls", "plain_port",
     {"endpoint", "What listens there speaks no TLS: name the port that does, or switch TLS on there; tls.md has the "
                  "commands."}},
    {ANY, "tls", "closed",
     {"endpoint", "Most programs without TLS close like this: is it the port that has TLS? The log of the collector says why "
                  "it closed."}},
    {ANY, "tls", "silent",
     {"endpoint, connect_timeout_ms",
      "Most programs without TLS wait like this: is it the port that has TLS, and is the collector not too busy to answer?"}},
    {ANY, "tls", "out_of_time",
     {"none; the certificate is the collector's", "Renew the certificate there, unless the clock of this machine is wrong."}},
    {SERVICE, "tls", "wrong_name",
     {"endpoint, tls_server_name",
      "With SRV records the certificate has to name the domain, or a server within it; names.md says which."}},
    {ANY, "tls", "wrong_name",
     {"endpoint, tls_server_name",
      "The certificate has to name the host of the endpoint; where it names another one, tls_server_name says which."}},
    {WEB, "tls", "unknown_authority",
     {"ca_file", "Put the certificate of the authority that issued the server's into ca_file; where a proxy or gateway looks "
                 "into TLS, that is an authority of its own."}},
    {ANY, "tls", "unknown_authority",
     {"ca_file", "Put the certificate of the authority that issued the collector's into ca_file; tls.md has the commands "
                 "for an authority of your own."}},
    {ANY, "tls", "client_certificate",
     {"client_cert_file, client_key_file",
      "The collector takes clients with a certificate of an authority that it trusts; tls.md has the commands."}},
    {ANY, "tls", "",
     {"ca_file, tls_server_name, client_cert_file, client_key_file; endpoint",
      "tls.md has the commands for an authority and a server certificate."}},

    {KIND_TCP, "", "tls_port",
     {"endpoint (tls://), or use_ssl; ca_file",
      "Name it tls:// in place of tcp://; where its authority is one of your own, ca_file names that one's certificate."}},
    {KIND_SERVICE_TCP, "", "tls_port",
     {"endpoint (srv+tls://); ca_file",
      "Name it srv+tls:// in place of srv+tcp://; where its authority is one of your own, ca_file names that one's "
      "certificate."}},
    {KIND_TCP | KIND_SERVICE_TCP, "", "http_port",
     {"endpoint",
      "Name the port of a Forward input (24224 mostly); for an input of HTTP it is http://, for a receiver of OTLP "
      "otlp+http://."}},
    {KIND_TLS | KIND_SERVICE_TLS, "", "http_port",
     {"endpoint",
      "Name the port of a Forward input (24224 mostly); for an input of HTTP it is https://, for a receiver of OTLP "
      "otlp+https://."}},
    {KIND_UNIX, "", "http_port",
     {"endpoint",
      "Name the socket of a Forward input: libmona speaks HTTP to a host and a port alone, with http:// or otlp+http://."}},
    {FORWARD | KIND_UNIX, "", "shared_key",
     {"shared_key, username, password", "Both sides need the same shared_key; the collector's is in its configuration."}},

    {FORWARD | KIND_UNIX, "authenticate", "silent",
     {"endpoint, shared_key, connect_timeout_ms",
      "A Forward input with a shared_key greets first and answers, and this one says nothing (more): is it the port of the "
      "Forward input, has that a shared_key, and is it not too busy?"}},
    {KIND_REST, "authenticate", "status",
     {"api_key, api_secret, auth_mode, auth_url, refresh_url, oidc_scope, user_id",
      "The token server refuses: key and secret have to be those of this account, and of this auth_mode."}},
    {KIND_REST, "authenticate", "unknown_authority",
     {"ca_file", "Put the certificate of the authority that issued the token server's into ca_file; where a proxy or "
                 "gateway looks into TLS, that is an authority of its own."}},
    {KIND_REST, "authenticate", "wrong_name",
     {"auth_url, refresh_url, tls_server_name",
      "The certificate of the token server has to name the host of auth_url, or tls_server_name where that is set."}},
    {KIND_REST, "authenticate", "out_of_time",
     {"none; the certificate is the token server's",
      "Renew the certificate there, unless the clock of this machine is wrong."}},
    {KIND_REST, "authenticate", "certificate",
     {"ca_file, auth_url", "It is the certificate of the token server; tls.md has the commands for one that is taken."}},
    {KIND_REST, "authenticate", "client_certificate",
     {"client_cert_file, client_key_file",
      "The token server takes clients with a certificate of an authority that it trusts; tls.md has the commands."}},
    {KIND_REST, "authenticate", "",
     {"auth_url, refresh_url, auth_mode, user_id; in the environment https_proxy, http_proxy, no_proxy",
      "The token server gave no token that can be used: is auth_url right, and can this machine reach it? Where its token "
      "names no tenant, user_id has to."}},
    {ANY, "authenticate", "",
     {"shared_key, username, password",
      "Both sides need the same shared_key; where the collector has users, username and password too."}},

    {KIND_OTLP, "send", "tls_port",
     {"endpoint (otlp+https://); ca_file",
      "Name it otlp+https:// in place of otlp+http://; where its authority is one of your own, ca_file names that one's "
      "certificate."}},
    {KIND_HTTP | KIND_REST, "send", "tls_port",
     {"endpoint (https://); ca_file",
      "Name it https:// in place of http://; where its authority is one of your own, ca_file names that one's certificate."}},
    {KIND_REST, "send", "status",
     {"endpoint, user_id, auth_mode", "The answer above is that of the API to an empty request."}},
    {KIND_OTLP, "send", "status",
     {"endpoint (/v1/logs mostly), otlp_encoding, http_header",
      "The answer above is that to a request without records. Keys go into http_header."}},
    {KIND_HTTP, "send", "status",
     {"endpoint (its path), http_format, http_header",
      "The answer above is that to an empty list of events. Keys go into http_header."}},
    {KIND_OTLP, "send", "no_http closed silent",
     {"endpoint, io_timeout_ms",
      "No answer of HTTP came. A receiver of OTLP over HTTP is expected, port 4318 mostly; 4317 is gRPC."}},
    {KIND_HTTP | KIND_REST, "send", "no_http closed silent",
     {"endpoint, io_timeout_ms",
      "No answer of HTTP came: is it the port of an HTTP input? 24224 is that of Forward mostly (tcp://)."}},
    {WEB, "send", "",
     {"endpoint, io_timeout_ms; in the environment https_proxy, http_proxy, no_proxy",
      "The server, or what stands before it, ended that as the sentence above says: its log may say why."}},
    {ANY, "send", "",
     {"endpoint, io_timeout_ms",
      "Something listens there and takes no Forward messages: is it the port of the collector's Forward input?"}},

    {KIND_UNIX | FORWARD, "ack", "silent",
     {"endpoint, shared_key, ack_timeout_ms, ack",
      "Is it a Forward input, and has it a connection left? One that wants a shared_key is silent until it gets one. Only a "
      "collector that never acknowledges needs ack=false, and then events may be lost when it ends."}},
    {KIND_UNIX | FORWARD, "ack", "",
     {"endpoint",
      "It took the message and gave no acknowledgement: is it the port of the collector's Forward input? Its log "
      "says why."}},
};

const char hints_where[] = "tls.md and names.md lie in " HINTS_DOCUMENTS
                           " of where libmona was installed, in Debian in " HINTS_DOCUMENTS_DEBIAN ".";

enum endpoint_kind hints_kind(const char *endpoint, const char *http_format)
{
    static const struct {
        const char *start;
        enum endpoint_kind kind;
    } kinds[] = {
        {"tcp:", KIND_TCP},
        {"tls:", KIND_TLS},
        {"srv+tcp:", KIND_SERVICE_TCP},
        {"srv+tls:", KIND_SERVICE_TLS},
        {"unix:", KIND_UNIX},
        {"otlp+", KIND_OTLP},
        {"http:", KIND_HTTP},
        {"https:", KIND_HTTP},
        {"file:", KIND_FILE},
        {"stdout:", KIND_OTHER},
        {"memory:", KIND_OTHER},
        {"null:", KIND_OTHER},
        {"the mona", KIND_REST},  /* what the check calls it */
        {"mona rest", KIND_REST}, /* and the headline */
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (scheme_behind(endpoint, kinds[i].start) == NULL)
            continue;
        return kinds[i].kind == KIND_HTTP && strcmp(http_format, "mona") == 0 ? KIND_REST : kinds[i].kind;
    }
    return KIND_TCP;
}

static bool is_of(const char *step, const char *found)
{
    return step[0] == '\0' || strcmp(step, found) == 0;
}

/* Whether a word is one of those with blanks between them. */
static bool is_among(const char *words, const char *word)
{
    size_t len = strlen(word);

    if (words[0] == '\0')
        return true;
    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        size_t found = strcspn(at, " ");
        if (found == len && strncmp(at, word, len) == 0)
            return true;
        at += found;
    }
    return false;
}

const struct hint *hints_find(enum endpoint_kind kind, const char *step, const char *finding)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        if ((hints[i].kinds & (unsigned)kind) != 0 && is_of(hints[i].step, step) && is_among(hints[i].finding, finding))
            return &hints[i].hint;
    }
    return NULL;
}

bool hints_name_document(const struct hint *hint)
{
    return strstr(hint->advice, ".md") != NULL;
}
