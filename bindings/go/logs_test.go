package mona

import (
	"bytes"
	"context"
	"encoding/json"
	"log"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"
)

// lines is where log lines go that may come from any goroutine.
type lines struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *lines) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

func (l *lines) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// logged gives what is logged from now on.
func logged(t *testing.T, handler func(slog.Handler) slog.Handler) *lines {
	all := &lines{}
	drainLogs()
	SetLogger(slog.New(handler(slog.NewTextHandler(all, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	t.Cleanup(func() { SetLogger(nil) })
	return all
}

func TestLogLinesGoToSlog(t *testing.T) {
	all := logged(t, func(h slog.Handler) slog.Handler { return h })
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "logs-go-to-slog")
	status(t, Export(ctx, RawJSON("score", "{")), StatusJSON)
	leave()
	for _, part := range []string{"level=WARN", "logs-go-to-slog", "score", "library=libmona"} {
		if !strings.Contains(all.String(), part) {
			t.Errorf("%s is not in %s", part, all)
		}
	}
	// Lines of libmona's threads come without a call.
	away, err := New(WithEndpoint("tcp://127.0.0.1:1"))
	must(t, err)
	ctx, leaveAway := away.Enter(context.Background(), "")
	must(t, Export(ctx, Int("n", 1)))
	leaveAway()
	for end := time.Now().Add(hang); !strings.Contains(all.String(), "127.0.0.1:1"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(all)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	status(t, away.Close(ctx), StatusTimeout)
}

func TestAHandlerThatPanicsIsNoHarm(t *testing.T) {
	logged(t, func(slog.Handler) slog.Handler { return panicking{} })
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "panicking")
	defer leave()
	status(t, Export(ctx, RawJSON("score", "{")), StatusJSON)
	must(t, Export(ctx, Int("n", 1)))
}

type panicking struct{ slog.Handler }

func (panicking) Enabled(context.Context, slog.Level) bool { panic("no") }

func TestHandlerExports(t *testing.T) {
	all := &lines{}
	client := memory(t)
	logger := slog.New(NewHandler(slog.NewTextHandler(all, nil), nil))
	ctx, leave := client.Enter(context.Background(), "", ID("run"))
	defer leave()
	logger.With("model", "v3").WithGroup("request").InfoContext(ctx, "ranked", "score", 0.9, "took", 1500*time.Millisecond,
		slog.Group("inner", "n", 1), "bad", make(chan int), "text", "\xff")
	logger.DebugContext(ctx, "not exported")
	logger.Info("outside")
	got := taken(t, client)
	equal(t, len(got), 1)
	equal(t, got[0].Context, "run")
	request := got[0].Message["request"].(map[string]any)
	if bad, is := request["bad"].(string); !is || bad == "" {
		t.Error(request)
	}
	delete(request, "bad")
	equal(t, got[0].Message, map[string]any{"level": "INFO", "msg": "ranked", "model": "v3", "request": map[string]any{
		"score": 0.9, "took": 1.5, "inner": map[string]any{"n": 1.0}, "text": "\uFFFD"}})
	if !strings.Contains(all.String(), "ranked") || !strings.Contains(all.String(), "outside") {
		t.Error(all)
	}
}

// The first handler of log/slog and one around it would wait for each other.
func TestHandlerAroundTheFirstOfSlog(t *testing.T) {
	all := &lines{}
	firstLogger, firstWriter, firstFlags := slog.Default(), log.Writer(), log.Flags()
	t.Cleanup(func() {
		slog.SetDefault(firstLogger)
		log.SetOutput(firstWriter)
		log.SetFlags(firstFlags)
	})
	log.SetOutput(all)
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	slog.SetDefault(slog.New(NewHandler(slog.Default().Handler(), nil)))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		slog.InfoContext(ctx, "ranked", "score", 0.9)
		log.Print("from the package log")
	}()
	select {
	case <-ended:
	case <-time.After(hang):
		t.Fatal("it hangs")
	}
	if !strings.Contains(all.String(), "ranked") || !strings.Contains(all.String(), "from the package log") {
		t.Error(all)
	}
	equal(t, len(messages(t, client)), 1)
}

func TestHandlerMendsTexts(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	logger := slog.New(NewHandler(nil, nil)).WithGroup("g\xff")
	logger.InfoContext(ctx, "text \xff", "key\xff", 1)
	equal(t, messages(t, client), []map[string]any{{"level": "INFO", "msg": "text \uFFFD",
		"g\uFFFD": map[string]any{"key\uFFFD": 1.0}}})
}

// What libmona says of a refused record is not exported again.
func TestHandlerDoesNotFeedItself(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "feeds-itself")
	defer leave()
	all := logged(t, func(h slog.Handler) slog.Handler { return inContext{NewHandler(h, nil), ctx} })
	slog.New(NewHandler(nil, nil)).InfoContext(ctx, strings.Repeat("x", 3<<20))
	if !strings.Contains(all.String(), "feeds-itself") {
		t.Error(all)
	}
	equal(t, len(messages(t, client)), 0)
}

// inContext gives each record a context of Mona, as a middleware might.
type inContext struct {
	slog.Handler
	mona context.Context
}

func (h inContext) Handle(ctx context.Context, record slog.Record) error {
	return h.Handler.Handle(context.WithValue(ctx, key{}, FromContext(h.mona)), record)
}

func TestHandlerByTheRulesOfSlog(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	handler := NewHandler(nil, &HandlerOptions{Level: slog.LevelDebug, TimeKey: slog.TimeKey})
	err := slogtest.TestHandler(inContext{handler, ctx}, func() []map[string]any {
		must(t, client.Flush(soon(t)))
		var all []map[string]any
		for text, found := client.Take(); found; text, found = client.Take() {
			var one record
			must(t, json.Unmarshal(text, &one))
			all = append(all, one.Message)
		}
		return all
	})
	must(t, err)
}

func (h inContext) Enabled(_ context.Context, level slog.Level) bool {
	return h.Handler.Enabled(h.mona, level)
}

func (h inContext) WithAttrs(attrs []slog.Attr) slog.Handler {
	return inContext{h.Handler.WithAttrs(attrs), h.mona}
}

func (h inContext) WithGroup(name string) slog.Handler {
	return inContext{h.Handler.WithGroup(name), h.mona}
}
