#include "hints.h"

#include <stddef.h>
#include <string.h>

enum {
    FORWARD = KIND_TCP | KIND_TLS | KIND_SERVICE,
    WEB = KIND_HTTP | KIND_OTLP | KIND_REST,
    ANY = FORWARD | WEB | KIND_UNIX | KIND_FILE | KIND_OTHER
};

/*
 * The first one that fits counts: of these kinds, at this step or any (""), where its `finding` is this or any ("").
 * Nothing is advised that would switch off what protects events where something else is the cause.
 */
static const struct {
    unsigned kinds;
    const char *step;
    const char *finding;
    struct hint hint;
} hints[] = {
    {KIND_SERVICE, "resolve", "",
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
    {KIND_SERVICE, "connect", "",
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
    {KIND_SERVICE, "tls", "wrong_name",
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
    {KIND_SERVICE, "", "tls_port",
     {"endpoint (srv+tls://); ca_file",
      "Name it srv+tls:// in place of srv+tcp://; where its authority is one of your own, ca_file names that one's "
      "certificate."}},
    {FORWARD | KIND_UNIX, "", "http_port",
     {"endpoint",
      "Name the port of a Forward input (24224 mostly); for an input of HTTP it is http://, for a receiver of OTLP "
      "otlp+http://."}},
    {FORWARD | KIND_UNIX, "", "shared_key",
     {"shared_key, username, password", "Both sides need the same shared_key; the collector's is in its configuration."}},

    {FORWARD | KIND_UNIX, "authenticate", "silent",
     {"endpoint, shared_key, connect_timeout_ms",
      "A Forward input with a shared_key greets first, and this one says nothing: is it the port of the Forward input, and "
      "has that a shared_key?"}},
    {KIND_REST, "authenticate", "status",
     {"api_key, api_secret, auth_mode, auth_url, refresh_url, oidc_scope, user_id",
      "The token server refuses: key and secret have to be those of this account, and of this auth_mode."}},
    {WEB, "authenticate", "",
     {"auth_url, auth_mode; in the environment https_proxy, http_proxy, no_proxy",
      "It is the token server that was asked: is auth_url right, and can this machine reach it?"}},
    {ANY, "authenticate", "",
     {"shared_key, username, password",
      "Both sides need the same shared_key; where the collector has users, username and password too."}},

    {KIND_OTLP, "send", "tls_port",
     {"endpoint (otlp+https://); ca_file",
      "Name it otlp+https:// in place of otlp+http://; where its authority is one of your own, ca_file names that one's "
      "certificate."}},
    {WEB, "send", "tls_port",
     {"endpoint (https://); ca_file",
      "Name it https:// in place of http://; where its authority is one of your own, ca_file names that one's certificate."}},
    {WEB, "send", "client_certificate",
     {"client_cert_file, client_key_file",
      "The server takes clients with a certificate of an authority that it trusts; tls.md has the commands."}},
    {KIND_REST, "send", "status",
     {"endpoint, user_id, auth_mode", "The answer above is that of the API to an empty request."}},
    {KIND_OTLP, "send", "status",
     {"endpoint (/v1/logs mostly), otlp_encoding, http_header",
      "The answer above is that to a request without records. Keys go into http_header."}},
    {KIND_HTTP, "send", "status",
     {"endpoint (its path), http_format, http_header",
      "The answer above is that to an empty list of events. Keys go into http_header."}},
    {KIND_OTLP, "send", "",
     {"endpoint, io_timeout_ms",
      "No answer of HTTP came. A receiver of OTLP over HTTP is expected, port 4318 mostly; 4317 is gRPC."}},
    {WEB, "send", "",
     {"endpoint, io_timeout_ms",
      "No answer of HTTP came: is it the port of an HTTP input? 24224 is that of Forward mostly (tcp://)."}},
    {ANY, "send", "",
     {"endpoint, io_timeout_ms",
      "Something listens there and takes no Forward messages: is it the port of the collector's Forward input?"}},

    {KIND_UNIX | FORWARD, "ack", "silent",
     {"endpoint, shared_key, ack_timeout_ms, ack",
      "Is it a Forward input, and has it a connection left? One that wants a shared_key is silent until it gets one. Only a "
      "collector that never acknowledges needs ack=false, and then events may be lost when it ends."}},
    {KIND_UNIX | FORWARD, "ack", "",
     {"endpoint",
      "It took the message and answered with no acknowledgement: is it the port of the collector's Forward input? Its log "
      "says why."}},
};

const char hints_where[] = "tls.md and names.md lie in share/doc/mona/docs of where libmona was installed, in Debian in "
                           "/usr/share/doc/mona-tools.";

static int begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

enum endpoint_kind hints_kind(const char *endpoint, const char *http_format)
{
    static const struct {
        const char *start;
        enum endpoint_kind kind;
    } kinds[] = {
        {"tcp://", KIND_TCP},       {"tls://", KIND_TLS},      {"srv+", KIND_SERVICE}, {"unix:", KIND_UNIX},
        {"otlp+", KIND_OTLP},       {"http://", KIND_HTTP},    {"https://", KIND_HTTP}, {"file:", KIND_FILE},
        {"the Mona", KIND_REST},    {"Mona REST", KIND_REST},  {"stdout:", KIND_OTHER}, {"memory:", KIND_OTHER},
        {"null:", KIND_OTHER},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!begins(endpoint, kinds[i].start))
            continue;
        return kinds[i].kind == KIND_HTTP && strcmp(http_format, "mona") == 0 ? KIND_REST : kinds[i].kind;
    }
    return KIND_TCP;
}

static int fits(const char *wanted, const char *found)
{
    return wanted[0] == '\0' || strcmp(wanted, found) == 0;
}

const struct hint *hints_find(enum endpoint_kind kind, const char *step, const char *finding)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        if ((hints[i].kinds & (unsigned)kind) != 0 && fits(hints[i].step, step) && fits(hints[i].finding, finding))
            return &hints[i].hint;
    }
    return NULL;
}

int hints_name_document(const struct hint *hint)
{
    return strstr(hint->advice, ".md") != NULL;
}
