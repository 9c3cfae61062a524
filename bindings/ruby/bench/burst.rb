# frozen_string_literal: true

# A burst of 200 000 events to a collector: the caller's time for each and what was lost.
#
#     MONA_ENDPOINT=tcp://... ruby burst.rb LABEL [OPTION=VALUE...]

require "libmona"

EVENTS = 200_000
label, *options = ARGV
client = Mona::Client.new(**options.to_h { |option| option.split("=", 2) }.transform_keys(&:to_sym))
before = Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID)
client.context("burst") do |run|
  EVENTS.times do |number|
    run.export(score: 0.9731, label: "cat", country: "IL", count: number, ok: true, latency: 12.5, model: "resnet50-v3")
  end
end
time = Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID) - before
client.close(120)
stats = client.stats
puts "ruby\tburst, #{label}\t#{(time / EVENTS * 1e9).round}\tns"
puts "ruby\tburst, #{label}: lost\t#{stats.accepted - stats.delivered}\tevents"
