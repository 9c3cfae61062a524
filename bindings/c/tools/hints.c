#include "hints.h"

#include <stddef.h>
#include <string.h>

enum {
    FORWARD = KIND_TCP | KIND_TLS | KIND_SERVICE,
    WEB = KIND_HTTP | KIND_OTLP | KIND_REST,
    ANY = FORWARD | WEB | KIND_UNIX | KIND_FILE | KIND_OTHER
};

/* The first one that fits counts. */
static const struct {
    unsigned kinds;
    const char *step;
    struct hint hint;
} hints[] = {
    {KIND_SERVICE, "resolve",
     {"endpoint", "\"dig SRV _service._tcp.example.com\" asks for the same records; a name server has to have them."}},
    {WEB, "resolve",
     {"endpoint; in the environment https_proxy, http_proxy, no_proxy",
      "\"getent hosts NAME\" asks the same resolver. Where only a proxy gets out, name it in https_proxy."}},
    {ANY, "resolve",
     {"endpoint, or host",
      "\"getent hosts NAME\" asks the same resolver. In a container the name is that of the other container or service."}},

    {KIND_UNIX, "connect",
     {"endpoint",
      "Start the collector, or name the path where it makes its socket. In a container that folder has to be mounted, and "
      "this user needs the right to write to the socket."}},
    {KIND_FILE, "connect",
     {"endpoint", "Make the folder, or give this user the right to write there; make room on a full disk. A FIFO needs a "
                  "reader before the first event."}},
    {WEB, "connect",
     {"endpoint, connect_timeout_ms; in the environment https_proxy, http_proxy, no_proxy",
      "Is it running, is the port right, does a firewall stand between? \"curl -v URL\" from here takes the same way."}},
    {KIND_SERVICE, "connect",
     {"endpoint, balance, connect_timeout_ms",
      "None of the servers that the SRV records name answered: do their ports listen, does a firewall stand between?"}},
    {ANY, "connect",
     {"endpoint, or host and port; connect_timeout_ms",
      "Is the collector running, and does it listen at this address and port (24224 mostly)? One in another container or "
      "machine has to listen at 0.0.0.0; a firewall may stand between."}},

    {KIND_SERVICE, "tls",
     {"ca_file, tls_server_name, client_cert_file, client_key_file",
      "With SRV records the certificate has to name the domain, or a server within it; docs/names.md says which."}},
    {WEB, "tls",
     {"ca_file, tls_server_name, client_cert_file, client_key_file; endpoint (http:// or https://)",
      "A proxy or gateway that looks into TLS shows its own certificate: put its authority into ca_file."}},
    {ANY, "tls",
     {"ca_file, tls_server_name, client_cert_file, client_key_file; endpoint (tcp:// or tls://)",
      "docs/tls.md has the commands for an authority and a server certificate."}},

    {KIND_REST, "authenticate",
     {"api_key, api_secret, auth_mode, auth_url, refresh_url, oidc_scope, user_id",
      "The token server was asked for a token: key and secret have to be those of this account, and of this auth_mode."}},
    {WEB, "authenticate", {"api_key, api_secret, auth_mode, auth_url", "The token server was asked for a token."}},
    {ANY, "authenticate",
     {"shared_key, username, password",
      "Both sides need the same shared_key; where the collector has users, username and password too."}},

    {KIND_REST, "send",
     {"endpoint, user_id, auth_mode, io_timeout_ms", "The answer above is that of the API to an empty request."}},
    {KIND_OTLP, "send",
     {"endpoint (/v1/logs mostly), otlp_encoding, http_header, io_timeout_ms",
      "A receiver of OTLP over HTTP is expected, port 4318 mostly; 4317 is gRPC. Keys go into http_header."}},
    {KIND_HTTP, "send",
     {"endpoint (its path), http_format, http_header, io_timeout_ms",
      "The answer above is that to an empty list of events. Keys go into http_header."}},
    {ANY, "send",
     {"endpoint, io_timeout_ms", "Something listens there and takes no Forward messages: is it the collector's forward "
                                 "input, and is the port that of TLS (tls://)?"}},

    {KIND_UNIX | FORWARD, "ack",
     {"ack, shared_key, ack_timeout_ms",
      "A collector that never acknowledges needs ack=false, and then events may be lost when it ends. One that wants a "
      "shared_key is silent until it gets one."}},
};

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

const struct hint *hints_find(enum endpoint_kind kind, const char *step)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        if ((hints[i].kinds & (unsigned)kind) != 0 && strcmp(hints[i].step, step) == 0)
            return &hints[i].hint;
    }
    return NULL;
}
