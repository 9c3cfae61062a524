// Ends exports from eight goroutines, a hundred events each, and ends as its argument says. Nothing may be lost.
package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"monalabs.io/mona"
)

func work() {
	var group sync.WaitGroup
	for task := range 8 {
		group.Go(func() {
			ctx, leave := mona.Enter(context.Background(), "worker")
			defer leave()
			for n := range 100 {
				mona.Export(ctx, mona.Int("task", task), mona.Int("n", n))
			}
		})
	}
	group.Wait()
}

func main() {
	defer mona.Flush()
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	work()
	switch os.Args[1] {
	case "return":
	case "exit":
		mona.Flush()
		os.Exit(3)
	case "panic":
		// Deferred calls run before the program ends of it.
		panic("as asked")
	case "close":
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := mona.Close(ctx); err != nil {
			panic(err)
		}
		os.Exit(0)
	case "terminate":
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			panic(err)
		}
		<-stopped.Done()
	}
}
