module monalabs.io/mona/bench

go 1.26

require (
	github.com/fluent/fluent-logger-golang v1.10.2
	monalabs.io/mona v0.0.0
)

require (
	github.com/ebitengine/purego v0.11.3 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/tinylib/msgp v1.3.0 // indirect
)

replace monalabs.io/mona => ../
