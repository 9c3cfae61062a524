//go:build !cgo

package native

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/ebitengine/purego"
)

// Implementation names the way to the C functions.
const Implementation = "purego"

// Load loads the library and finds its functions, once. No function of this package may be called where it fails.
var Load = sync.OnceValue(load)

// The names by which the loader is asked, one after the other: MONA_LIBRARY is a path or a name.
func names() []string {
	// A program with another user's rights does not load what its environment names.
	if name := os.Getenv("MONA_LIBRARY"); name != "" && os.Getuid() == os.Geteuid() && os.Getgid() == os.Getegid() {
		return []string{name}
	}
	if runtime.GOOS == "darwin" {
		return []string{"libmona.0.dylib", "libmona.dylib", "/usr/local/lib/libmona.0.dylib"}
	}
	return []string{"libmona.so.0", "libmona.so"}
}

func load() error {
	var library uintptr
	var err error
	for _, name := range names() {
		// Never closed: the library has threads.
		if library, err = purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL); err == nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("libmona cannot be loaded (its path may be in MONA_LIBRARY): %w", err)
	}
	for name, address := range functions {
		if *address, err = purego.Dlsym(library, name); err != nil {
			return fmt.Errorf("libmona has no %s: %w", name, err)
		}
	}
	return nil
}
