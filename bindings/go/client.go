package mona

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"

	"monalabs.io/mona/internal/native"
)

// Client is where events go, with a queue and a sender thread of its own. Most programs have one, the default client;
// see [Init]. It may be used by any number of goroutines, also after it was closed.
type Client struct {
	handle native.Client
}

// Option sets one option of a client. The functions whose names begin with With make them; what is not set comes from
// the environment (MONA_ENDPOINT and so on), the config file, or is the default.
type Option struct {
	name, value string
}

// With sets an option by its name and the text of its value, as the environment would.
func With(name, value string) Option { return Option{name: name, value: value} }

// ratesText is the text of an option of numbers by name; numbers that cannot be a rate are refused by libmona.
func ratesText(rates map[string]float64) string {
	text, cause := encode(rates)
	if cause != nil {
		return cause.Error()
	}
	return string(text)
}

// load makes libmona ready, once.
var load = sync.OnceValue(func() error {
	err := native.Load()
	if err != nil {
		err = &Error{Op: "load", Status: StatusIO, Detail: err.Error()}
	} else if found := native.ABIVersion(); found != abiVersion {
		err = &Error{Op: "load", Status: StatusArgument,
			Detail: fmt.Sprintf("libmona with binary interface %d, %d is expected", found, abiVersion)}
	}
	if err != nil {
		// Nothing else in the program may look at an error: this is said once.
		say(slog.LevelError, err.Error())
	}
	isLoaded.Store(err == nil)
	return err
})

// Version gives the version of the libmona that is loaded; "" where there is none.
func Version() string {
	if load() != nil {
		return ""
	}
	return native.Version()
}

// Implementation tells how libmona is called, "cgo" or "purego".
func Implementation() string { return native.Implementation }

// New makes a client of its own. Nothing is connected yet: a collector that is down is no error. It has to be closed: no
// exit of the program does that.
func New(options ...Option) (*Client, error) {
	made, err := newClient(options)
	if err != nil {
		return nil, err
	}
	// Freed when no Context and nobody else has it, so that its methods answer a status for as long as they can be
	// called. Freeing an open client waits.
	runtime.AddCleanup(made, func(handle native.Client) { go native.ClientFree(handle) }, made.handle)
	return made, nil
}

func newClient(options []Option) (*Client, error) {
	if err := load(); err != nil {
		return nil, err
	}
	set := native.OptionsNew()
	defer native.OptionsFree(set)
	for _, option := range options {
		err := attempt("option", func() native.Status { return native.OptionsSet(set, option.name, option.value) })
		if err != nil {
			return nil, err
		}
	}
	made := new(Client)
	if err := attempt("client", func() native.Status { return native.ClientNew(set, &made.handle) }); err != nil {
		return nil, err
	}
	pollLogs()
	return made, nil
}

// The default client, once there is one.
var defaultClient atomic.Pointer[Client]

// Init makes the default client, which the functions of this package use. Only the first one counts: later, the error
// is [StatusExists]. Without it the default client is made from the environment by the first call that needs it.
func Init(options ...Option) error {
	made, err := newClient(options)
	if err != nil {
		return err
	}
	if err := attempt("init", func() native.Status { return native.ClientSetDefault(made.handle) }); err != nil {
		native.ClientFree(made.handle)
		return err
	}
	defaultClient.Store(made)
	return nil
}

// Default gives the default client; it is made from the environment if there is none yet.
func Default() (*Client, error) {
	if made := defaultClient.Load(); made != nil {
		return made, nil
	}
	if err := load(); err != nil {
		return nil, err
	}
	runtime.LockOSThread()
	handle := native.ClientDefault()
	if handle == nil {
		err := failed("default client", native.Status(StatusArgument))
		runtime.UnlockOSThread()
		drainLogs()
		return nil, err
	}
	runtime.UnlockOSThread()
	pollLogs()
	defaultClient.CompareAndSwap(nil, &Client{handle: handle})
	return defaultClient.Load(), nil
}

// clientOf gives the client of a context, or the default one.
func clientOf(context *Context) (*Client, error) {
	if context != nil && context.client != nil {
		return context.client, context.client.usable("client")
	}
	return Default()
}

// usable refuses what is no client.
func (c *Client) usable(op string) error {
	if c == nil || c.handle == nil {
		return &Error{Op: op, Status: StatusArgument, Detail: "a Client that New did not make, one that it made is expected"}
	}
	return nil
}

// attempt makes a call on the client, which is not freed meanwhile.
func (c *Client) attempt(op string, call func(native.Client) native.Status) error {
	if err := c.usable(op); err != nil {
		return err
	}
	defer runtime.KeepAlive(c)
	return attempt(op, func() native.Status { return call(c.handle) })
}

// text makes a call on the client that gives text.
func (c *Client) text(op string, call func(native.Client, []byte, *uintptr) native.Status) (text string, err error) {
	err = c.attempt(op, func(handle native.Client) (status native.Status) {
		text, status = read(firstText, func(buf []byte, length *uintptr) native.Status { return call(handle, buf, length) })
		return status
	})
	return text, err
}

// SetGlobals sets the fields that are sent once after each new main context, as a record of their own: a value as for
// [ExportJSON]. Nil: none.
func (c *Client) SetGlobals(globals any) error {
	text, is := rawJSON(globals)
	if !is && globals != nil {
		encoded, cause := encode(globals)
		if cause != nil {
			return &Error{Op: "globals", Status: StatusJSON, Detail: cause.Error()}
		}
		text = encoded
	}
	return c.attempt("globals", func(handle native.Client) native.Status { return native.ClientSetGlobals(handle, text) })
}

// SetDisabled switches the client off, or on again. While it is off, calls do nothing and answer nil.
func (c *Client) SetDisabled(disabled bool) error {
	var number int32
	if disabled {
		number = 1
	}
	return c.attempt("disable", func(handle native.Client) native.Status { return native.ClientSetDisabled(handle, number) })
}

// IsDisabled tells whether the client is off at the moment, by whoever may do that.
func (c *Client) IsDisabled() bool {
	var disabled int32
	err := c.attempt("disabled", func(handle native.Client) native.Status { return native.ClientIsDisabled(handle, &disabled) })
	return err == nil && disabled != 0
}

// Stats gives what the client counted, all of one moment.
func (c *Client) Stats() (Stats, error) {
	var words [1 + statsCount]uint64
	// On machines of 64 bits the size before the counters is a word too.
	words[0] = 8 * uint64(len(words))
	err := c.attempt("stats", func(handle native.Client) native.Status { return native.ClientStats(handle, words[:]) })
	return statsOf(words[1:]), err
}

// Describe gives every option, its value and where it came from, as a JSON object. Secrets are hidden.
func (c *Client) Describe() (json.RawMessage, error) {
	text, err := c.text("describe", native.ClientDescribe)
	return json.RawMessage(text), err
}

// Step is a step of the way to the collector.
type Step struct {
	// Name is resolve, connect, TLS, handshake or ack.
	Name string `json:"step"`
	OK   bool   `json:"ok"`
	// Milliseconds is how long it took.
	Milliseconds float64 `json:"milliseconds"`
	// Error says what failed; "" where nothing did.
	Error string `json:"error"`
}

// Check tries the way to the collector without sending events, for as long as ctx lets it, and gives the steps. The
// error says that one did not go well.
func (c *Client) Check(ctx context.Context) ([]Step, error) {
	report, err := wait(ctx, "check", checkTime, func(milliseconds uint32) (report string, err error) {
		err = c.attempt("check", func(handle native.Client) (status native.Status) {
			report, status = read(checkText, func(buf []byte, length *uintptr) native.Status {
				return native.ClientCheck(handle, milliseconds, buf, length)
			})
			return status
		})
		return report, err
	})
	var steps []Step
	if report != "" {
		_ = json.Unmarshal([]byte(report), &steps)
	}
	return steps, err
}

// Take takes the oldest delivered record of a client whose endpoint is memory:, as JSON; false where none is waiting. It
// is for tests of programs.
func (c *Client) Take() (record json.RawMessage, found bool) {
	text, err := c.text("take", native.ClientTake)
	if err != nil {
		return nil, false
	}
	return json.RawMessage(text), true
}
