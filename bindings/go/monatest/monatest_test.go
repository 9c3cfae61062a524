package monatest_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"monalabs.io/mona"
	"monalabs.io/mona/monatest"
)

func rank(ctx context.Context) {
	ctx, leave := mona.Enter(ctx, "ranker", mona.ID("run"))
	defer leave()
	_ = mona.Export(ctx, mona.F64("score", 0.9))
}

func TestARecorderHasWhatWasExported(t *testing.T) {
	ctx, recorded := monatest.New(t)
	rank(ctx)
	want := []map[string]any{{"score": 0.9}}
	if got := recorded.Messages(); !reflect.DeepEqual(got, want) {
		t.Error(got)
	}
	records := recorded.Records()
	if len(records) != 2 || records[0].Context != "run" || records[0].Message["MONA_ARC_CLASS"] != "ranker" {
		t.Error(records)
	}
}

func TestRecordersAreApart(t *testing.T) {
	ctx, recorded := monatest.New(t)
	_, other := monatest.New(t, mona.WithUserID("other"))
	rank(ctx)
	if len(recorded.Messages()) != 1 || len(other.Messages()) != 0 {
		t.Error(recorded.Records(), other.Records())
	}
}

func TestTheOrderOfATestIsKept(t *testing.T) {
	ctx, recorded := monatest.New(t)
	ctx, leave := mona.Enter(ctx, "")
	defer leave()
	for n := range 2000 {
		_ = mona.Export(ctx, mona.Int("n", n))
		// Here a goroutine may go on with another thread.
		if n%10 == 0 {
			time.Sleep(time.Microsecond)
		}
	}
	for n, message := range recorded.Messages() {
		if message["n"] != float64(n) {
			t.Fatal(n, message)
		}
	}
}
