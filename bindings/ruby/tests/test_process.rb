# frozen_string_literal: true

require "tempfile"

class TestProcess < Case
  MEMORY = { "MONA_ENDPOINT" => "memory:", "MONA_FLUSH_INTERVAL_MS" => "1" }.freeze

  def program(text, environment = MEMORY)
    out, err, status = run_program(text, environment)
    assert status.success?, err
    out
  end

  def test_the_default_client_comes_from_the_environment
    assert_equal "true\n1\n", program("p Mona.context('a') { Mona.export(b: 1) }; Mona.flush; Mona.take; p Mona.take['message']['b']")
  end

  def test_init_counts_once
    text = "p Mona.init(endpoint: 'memory:', user_id: 'x'), Mona.init(user_id: 'y'), Mona.describe['user_id']['value']"
    assert_equal "true\nfalse\n\"x\"\n", program(text, {})
  end

  def test_a_wrong_environment_is_an_error_that_names_the_option
    out = program("begin; Mona.client; rescue Mona::Error; puts $!.message; end", { "MONA_ENDPOINT" => "nonsense://" })
    assert_includes out, "ENDPOINT"
  end

  def test_without_a_client_nothing_is_flushed
    assert_equal "true\ntrue\n", program("p Mona.flush, Mona.close")
  end

  def test_a_library_that_is_missing_is_a_load_error
    _, err, status = run_program("", { "MONA_LIBRARY" => "/nonexistent/libmona.so" })
    refute status.success?
    assert_includes err, "MONA_LIBRARY"
  end

  def test_another_library_is_a_load_error
    out, err, = run_program("", { "MONA_LIBRARY" => RbConfig::CONFIG["LIBRUBY_SO"] })
    assert_equal "", out
    assert_match(/mona_abi_version.*\(LoadError\)|not found.*LoadError/, err)
  end

  def test_a_logger_that_exports_does_not_call_itself_for_ever
    assert_equal "true\nfalse\n", program(<<~RUBY)
      Mona.log_level = 50
      client = Mona::Client.new(endpoint: "memory:")
      $lines = 0
      logger = Object.new
      logger.define_singleton_method(:add) { |*| $lines += 1; client.context("b") { |run| run.export(at: Time.now) } }
      Mona.raise_errors = false
      Mona.logger = logger
      refused = client.context("a") { |run| run.export(at: Time.now) }
      p $lines < 100, refused # the lines of the environment as well
    RUBY
  end

  def test_a_subclass_has_methods_of_its_own
    assert_equal "2\n", program(<<~RUBY, {})
      own = Class.new(Mona::Client) { def describe = "mine"; def flush(*) = raise("mine") }
      $kept = own.new(endpoint: "memory:")
      plain = Class.new(Mona::Client) { def flush(*) = super.tap { puts stats.delivered } }
      $plain = plain.new(endpoint: "memory:")
      $other = own.new(endpoint: "memory:")
      $plain.context("a") { |run| run.export(b: 1) }
    RUBY
  end

  def test_a_trap_exports
    assert_equal "true\n", program(<<~RUBY)
      Mona.client
      trap("USR1") { $sent = Mona.context("a") { Mona.export(b: 1) } }
      Process.kill("USR1", Process.pid)
      sleep 0.01 while $sent.nil?
      p $sent
    RUBY
  end

  def test_logs_go_to_a_logger
    text = "require 'logger'; Mona.logger = Logger.new($stdout); Mona.client; Mona.flush"
    assert_match(/WARN.*mona.*MONA_QUEUE_SIZE/, program(text, MEMORY.merge("MONA_QUEUE_SIZE" => "many")))
    # By itself, without any further call.
    text = "require 'logger'; Mona.logger = Logger.new($stdout); Mona.client; sleep 0.05 until $stdout.pos > 0"
    Tempfile.create("log") do |file|
      text = text.gsub("$stdout.pos", "File.size(#{file.path.inspect})").sub("$stdout", file.path.inspect)
      program(text, MEMORY.merge("MONA_QUEUE_SIZE" => "many"))
      assert_includes file.read, "MONA_QUEUE_SIZE"
    end
  end

  def test_a_fork_has_contexts_and_logs
    text = <<~RUBY
      require "logger"
      Mona.logger = Logger.new($stderr)
      Mona.context("a", id: "run") do
        pid = fork do
          Mona.export(b: 1)
          Mona.flush
          puts Mona.take["context"] while Mona.stats.accepted.zero?
          exit!(Thread.list.any? { |one| one.name == "mona-log" } && Mona.id == "run" ? 0 : 1)
        end
        p Process.wait2(pid).last.success?
      end
    RUBY
    assert_equal "true\n", program(text)
  end

  def test_a_fork_hook_of_another_library_still_runs
    assert_equal "hooked\n", program(<<~RUBY)
      Process.singleton_class.prepend(Module.new { def _fork = super.tap { |pid| puts("hooked") if pid.zero?; $stdout.flush } })
      Process.wait(fork {})
    RUBY
  end

  def test_a_copy_of_a_client_is_the_same_client
    assert_equal "3\n", program(<<~RUBY)
      client = Mona::Client.new(endpoint: "memory:", flush_interval_ms: 1)
      def copies(client) = 200.times { client.dup.stats; client.clone.stats }
      copies(client)
      GC.start
      client.context { |run| 3.times { |n| run.export(n: n) } }
      client.flush
      p client.stats.delivered
    RUBY
  end

  # The samples need what a program has around them; that they are Ruby is seen without.
  def test_samples_of_the_readme
    samples = File.read(File.expand_path("../README.md", __dir__)).scan(/```ruby\n(.*?)```/m).flatten
    refute_empty samples
    samples.each { |sample| assert RubyVM::InstructionSequence.compile(sample) }
    assert_equal "", program("#{samples[0]}\n#{samples[2].sub(/^Mona.init.*$/, "").sub("Rails.logger", "nil")}")
  end
end
