# frozen_string_literal: true

require "json"
require "minitest"
require "open3"
require "rbconfig"
require "stringio"
require "timeout"
require "libmona"

# Only ends a hang, also on a loaded machine.
HANG_S = 60

module Helping
  # One that needs a wrapper is named in RUBY.
  RUBY = ENV.fetch("RUBY", RbConfig.ruby)

  # A client with records in memory.
  def memory(**options)
    Mona::Client.new(endpoint: "memory:", flush_interval_ms: 1, user_id: "tester", **options)
  end

  # What a client has delivered.
  def records(client)
    assert client.flush(HANG_S)
    found = []
    while (record = client.take)
      found << record
    end
    found
  end

  # The messages alone, without those of classes.
  def messages(client)
    records(client).map { |record| record["message"] }.reject { |message| message.key?("MONA_ARC_CLASS") }
  end

  # Runs a program in another process: what it printed, what it complained of, its status.
  def run_program(text, environment = {})
    folders = $LOAD_PATH.select { |folder| File.exist?(File.join(folder, "libmona.rb")) }
    Timeout.timeout(HANG_S) do
      Open3.capture3(environment, RUBY, *folders.map { |folder| "-I#{folder}" }, "-e", "require 'libmona'\n#{text}")
    end
  end
end

class Case < Minitest::Test
  include Helping
end
