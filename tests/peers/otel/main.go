// Command otel is an OpenTelemetry Collector with the receivers `fluent_forward` and `otlp` and an exporter `lines` that
// writes each hand-over as one line of OTLP JSON and syncs the file before it answers. Without a sending queue, or with
// one that waits for the result, an acknowledgement of the receiver so means "in the file".
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/fluentforwardreceiver"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry"
	"go.uber.org/zap"
)

func main() {
	command := otelcol.NewCommand(otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "otel", Description: "a collector for tests", Version: "0.165.1"},
		Factories: factories,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{
			ResolverSettings: confmap.ResolverSettings{
				DefaultScheme:     "file",
				ProviderFactories: []confmap.ProviderFactory{fileprovider.NewFactory(), yamlprovider.NewFactory()},
			},
		},
	})
	if err := command.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func factories() (otelcol.Factories, error) {
	receivers, err := otelcol.MakeFactoryMap(fluentforwardreceiver.NewFactory(), otlpreceiver.NewFactory())
	if err != nil {
		return otelcol.Factories{}, err
	}
	exporters, err := otelcol.MakeFactoryMap(newLinesFactory())
	return otelcol.Factories{
		Receivers: receivers,
		Exporters: exporters,
		Telemetry: newTelemetryFactory(),
	}, err
}

// newTelemetryFactory gives a log on standard error and no metrics: what collectors usually have here asks for the
// libraries of several clouds, which take longer to build than all the rest.
func newTelemetryFactory() telemetry.Factory {
	return telemetry.NewFactory(
		func() component.Config { return &struct{}{} },
		telemetry.WithCreateLogger(func(
			_ context.Context, set telemetry.LoggerSettings, _ component.Config,
		) (*zap.Logger, component.ShutdownFunc, error) {
			logger, err := set.BuildZapLogger(zap.NewDevelopmentConfig())
			return logger, func(context.Context) error { return nil }, err
		}),
	)
}

// config has what most exporters have, and the file.
type config struct {
	Timeout exporterhelper.TimeoutConfig                             `mapstructure:",squash"`
	Queue   configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`
	Retry   configretry.BackOffConfig                                `mapstructure:"retry_on_failure"`
	Path    string                                                   `mapstructure:"path"`
	// Fails is what it answers instead of writing: nothing, "later" or "never".
	Fails string `mapstructure:"fails"`
}

func (c *config) Validate() error {
	if c.Path == "" {
		return errors.New("path is missing")
	}
	return nil
}

func newLinesFactory() exporter.Factory {
	return exporter.NewFactory(
		component.MustNewType("lines"),
		func() component.Config {
			return &config{
				Timeout: exporterhelper.NewDefaultTimeoutConfig(),
				Queue:   configoptional.Default(exporterhelper.NewDefaultQueueConfig()),
				Retry:   configretry.NewDefaultBackOffConfig(),
			}
		},
		exporter.WithLogs(newLines, component.StabilityLevelDevelopment),
	)
}

func newLines(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Logs, error) {
	c := cfg.(*config)
	l := &lines{path: c.Path, fails: c.Fails}
	return exporterhelper.NewLogs(ctx, set, c, l.consume,
		exporterhelper.WithStart(l.start),
		exporterhelper.WithShutdown(l.shutdown),
		exporterhelper.WithTimeout(c.Timeout),
		exporterhelper.WithQueue(c.Queue),
		exporterhelper.WithRetry(c.Retry),
	)
}

// lines is the file. A queue has several consumers, so it is locked.
type lines struct {
	lock    sync.Mutex
	path    string
	file    *os.File
	encoder plog.JSONMarshaler
	fails   string
}

func (l *lines) start(context.Context, component.Host) error {
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	l.file = file
	// A collector that was killed may have left a torn line, which was not acknowledged; it gets an end of its own.
	_, err = file.WriteString("\n")
	return err
}

func (l *lines) shutdown(context.Context) error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

func (l *lines) consume(_ context.Context, logs plog.Logs) error {
	switch l.fails {
	case "later":
		return errors.New("not now, as the configuration says")
	case "never":
		return consumererror.NewPermanent(errors.New("never, as the configuration says"))
	}
	line, err := l.encoder.MarshalLogs(logs)
	if err != nil {
		return err
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return err
	}
	return l.file.Sync()
}
