# frozen_string_literal: true

# Ends of a process: each exports so many events, ends in the way it is named by, and loses none of them.
#
#     ruby ends.rb NAME
#
# tests/ledgers.sh counts what arrived.

require "libmona"

def events(count = 100)
  Mona.context("ends") { count.times { |number| Mona.export(number: number) } }
end

ENDS = {
  "return" => -> { events },
  "exit" => -> { events && exit(3) },
  "exception" => -> { events && raise("on purpose") },
  "abort" => -> { events && abort("on purpose") },
  "term" => lambda {
    events
    Process.kill("TERM", Process.pid)
    sleep 60
  },
  "exit-bang" => lambda {
    events
    Mona.flush(60)
    exit!(0)
  },
  "exec" => lambda {
    events
    Mona.flush(60)
    exec("true")
  },
  "own-client" => lambda {
    client = Mona::Client.new
    client.context("ends") { |run| 100.times { |number| run.export(number: number) } }
  },
  "at-exit" => -> { at_exit { events } },
  "threads" => -> { (0...8).map { Thread.new { events } }.each(&:join) },
  "forks" => lambda {
    events(1)
    (0...8).map { fork { events } }.each { |pid| Process.wait(pid) }
  },
  "fork-inside" => lambda {
    Mona.context("ends") do
      (0...8).map { fork { 100.times { |number| Mona.export(number: number) } } }.each { |pid| Process.wait(pid) }
    end
  },
  "fork-exit" => -> { (0...8).map { fork { events && exit(0) } }.each { |pid| Process.wait(pid) } },
  "daemon" => lambda {
    reader, writer = IO.pipe
    pid = fork do
      events
      Process.daemon
      events
      Mona.close(60)
      writer.write("done")
    end
    Process.wait(pid)
    writer.close
    reader.read # the daemon has no parent that could wait for it
  },
  "logger" => lambda {
    require "logger"
    Mona.logger = Logger.new($stderr)
    events
  },
  "bad-values" => lambda {
    Mona.context("ends") do |run|
      100.times do |number|
        run.export(number: number)
        begin
          run.export(number: number, bad: [Object.new, "\xff", 1 << 70][number % 3])
        rescue Mona::Error
          nil
        end
      end
    end
  }
}.freeze

ENDS.fetch(ARGV.fetch(0)).call
