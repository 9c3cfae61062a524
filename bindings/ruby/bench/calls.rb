# frozen_string_literal: true

# What a call costs its caller: seven fields in a context of a client with the endpoint null:, interleaved with an empty
# foreign call of the same kind. CPU time of the thread, the least of several rounds; objects that a call allocates.
#
#     ruby calls.rb

require "libmona"

# Long enough for a timer, short enough to catch the machine between two disturbances.
CALLS = 20_000
ROUNDS = 15

def nanoseconds(calls)
  before = Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID)
  yield calls
  (Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID) - before) / calls * 1e9
end

def objects(calls)
  before = GC.stat(:total_allocated_objects)
  yield calls
  (GC.stat(:total_allocated_objects) - before).fdiv(calls)
end

client = Mona::Client.new(endpoint: "null:")
client.context("ranker") do |run|
  held = Mona::Native.function(:mona_abi_version)
  released = Mona::Native.function(:mona_abi_version, waits: true)
  fields = { score: 0.9731, label: "cat", country: "IL", count: 32, ok: true, latency: 12.5, model: "resnet50-v3" }
  json = JSON::State.new(Mona::Scratch::OPTIONS)
  subjects = {
    "empty call" => ->(n) { n.times { held.call } },
    "empty call without the lock" => ->(n) { n.times { released.call } },
    "JSON of the fields alone" => ->(n) { n.times { json.generate(fields) } },
    "export of keywords" => lambda { |n|
      n.times do |i|
        run.export(score: 0.9731, label: "cat", country: "IL", count: i, ok: true, latency: 12.5, model: "resnet50-v3")
      end
    },
    "export of a hash" => ->(n) { n.times { run.export(fields) } },
    "export into the open context" => ->(n) { n.times { client.export(fields) } },
    "context block" => ->(n) { n.times { client.sub("step") { nil } } }
  }
  least = subjects.transform_values do |subject|
    subject.call(1000)
    Float::INFINITY
  end
  ROUNDS.times { subjects.each { |name, subject| least[name] = [least[name], nanoseconds(CALLS, &subject)].min } }
  least.each { |name, time| puts "ruby\t#{name}\t#{time.round}\tns" }
  subjects.each { |name, subject| puts "ruby\t#{name}\t#{objects(1000, &subject).round(1)}\tobjects" }
end
client.close
