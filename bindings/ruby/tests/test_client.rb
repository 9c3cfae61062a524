# frozen_string_literal: true

class TestClient < Case
  def test_batches
    client = memory
    events = [{ message: { a: 1 }, arc_class: "x", context_id: "one" }, { "message" => { "a" => 2 }, "export_timestamp" => 5 }]
    assert_equal 2, client.export_batch(events)
    assert_equal [1, 2], messages(client).map { |message| message["a"] }
    assert_equal 0, client.export_batch([])
  end

  def test_bad_events_of_a_batch_leave_the_others
    client = memory
    events = [{ message: { a: Time.now } }, { arc_class: "x" }, 5, { message: { a: 2 } }, { message: { a: 3 }, context_id: 7 }]
    error = assert_raises(Mona::JsonError) { client.export_batch(events) }
    refute_empty error.message
    assert_equal [{ "a" => 2 }, { "a" => 3 }], messages(client)
  end

  def test_names_and_ids_that_are_no_text_leave_the_others
    client = memory
    odd = [{ "\xff" => 1, message: { a: 1 } }, { context_id: "\xff".b, message: { a: 2 } }, { context_id: BasicObject.new, message: { a: 3 } },
           BasicObject.new, { message: { a: 4 } }]
    odd.each { |event| assert_kind_of Mona::Error, assert_raises(Mona::Error) { client.export_batch([event, { message: { a: 9 } }]) } unless event == odd.last }
    assert_equal [1, 9, 2, 9, 3, 9, 9], messages(client).map { |message| message["a"] }
    [nil, 5, BasicObject.new].each { |none| assert_raises(Mona::JsonError) { client.export_batch(none) } }
  end

  def test_globals
    client = memory
    client.globals = { version: 3 }
    client.context(nil, id: "a") { nil }
    client.globals = {}
    client.context(nil, id: "b") { nil }
    assert_equal [["a", { "MONA_GLOBALS" => { "version" => 3 } }]], records(client).map { |one| one.values_at("context", "message") }
    assert_raises(Mona::JsonError) { client.globals = { a: Object } }
    assert_raises(Mona::JsonError) { client.globals = 5 }
  end

  def test_disabled
    client = memory
    client.disable
    assert client.disabled?
    client.context("a") do |run|
      assert_equal false, run.export(a: 1)
      assert_equal false, run.export(a: Object.new) # nothing is checked
      assert_equal "", run.id
    end
    client.enable
    refute client.disabled?
    client.context { |run| assert run.export(a: 1) }
    assert_equal [{ "a" => 1 }], messages(client)
  end

  def test_close_and_after
    client = memory
    run = client.context("a")
    assert client.close
    assert client.close
    assert_equal Mona::Status::CLOSED, assert_raises(Mona::ClosedError) { run.export(a: 1) }.status
    assert_equal :ran, client.context("b") { :ran } # a closed client does not stop the program's work
    assert_raises(Mona::ClosedError) { client.export_batch([{ message: { a: 1 } }]) }
    assert_raises(Mona::ClosedError) { client.context("b") { |late| late.export(a: 1) } }
    assert_equal :ran, client.context("b") { client.sub("c") { :ran } }
    assert_includes [true, false], client.flush(0)
    assert_kind_of Mona::Stats, client.stats
    refute_empty client.describe
    assert_nil client.take while client.take
  end

  def test_stats_describe_check
    client = memory
    client.context("a") { |run| run.export(b: 1) }
    assert client.flush
    assert_equal 2, client.stats.delivered
    assert_equal "memory:", client.describe["endpoint"]["value"]
    assert_kind_of Array, client.check
    assert_raises(::ArgumentError) { client.flush(-1) }
    assert_raises(::ArgumentError) { client.flush("soon") }
    assert client.flush(Float::INFINITY)
  end

  def test_options
    assert_raises(Mona::ArgumentError) { Mona::Client.new(no_such: 1) }
    assert_includes assert_raises(Mona::ArgumentError) { Mona::Client.new(queue_size: "many") }.message, "queue_size"
    assert_raises(Mona::ArgumentError) { Mona::Client.new(user_id: Object.new) }
    client = memory(sample_rates: { a: 0.5 }, drop_fields: %w[x y], disable_all: false, host: nil)
    assert_equal({ "a" => 0.5 }, client.describe["sample_rates"]["value"])
    client.context { |run| run.export(x: 1, z: 2) }
    assert_equal [{ "z" => 2 }], messages(client)
  end

  def test_errors_can_be_answers
    Mona.raise_errors = false
    client = memory
    assert_equal false, client.export(a: 1)
    client.context { |run| assert_equal false, run.export(a: Object.new) }
    assert_equal :ran, client.sub("step") { :ran }
  ensure
    Mona.raise_errors = true
  end

  def test_a_logger_that_fails_is_left_alone
    Mona.logger = Class.new { def add(*) = raise("a bad logger") }.new
    assert_raises(Mona::NoContextError) { memory.export(a: 1) }
  ensure
    Mona.logger = nil
  end

  # How often another thread ran meanwhile.
  def ticks_during
    ticks = 0
    stop = false
    ticker = Thread.new { (ticks += 1; sleep 0.01) until stop }
    yield
    stop = true
    ticker.join
    ticks
  end

  # A client whose collector is not there: the discard port of this machine.
  def unreachable(**options)
    Mona::Client.new(endpoint: "tcp://127.0.0.1:9", retry_initial_ms: 10_000, **options)
  end

  def test_other_threads_run_while_a_call_waits
    client = unreachable
    client.context("a") { |run| run.export(b: 1) }
    assert_operator ticks_during { assert_equal false, client.flush(1) }, :>, 5
    client.close(0)
  end

  def test_other_threads_run_while_an_export_waits
    client = unreachable(blocking: true, block_timeout_ms: 1000)
    ticks = ticks_during { client.context { |run| assert_raises(Mona::TimeoutError) { run.export(b: 1) } } }
    assert_operator ticks, :>, 5
    client.close(0)
  end

  def test_which_exports_wait
    assert memory(blocking: true).waits?
    assert memory(queue_circular: false).waits?
    refute memory.waits?
  end

  def test_clients_that_are_let_go
    50.times { memory.context("a") { |run| run.export(b: 1) } }
    GC.start
    assert memory.flush
  end
end
