# frozen_string_literal: true

class TestContexts < Case
  # An id that has everything of Ruby's moved when it is asked for.
  Mover = Class.new do
    def to_s
      GC.verify_compaction_references(toward: :empty, **(RUBY_VERSION < "3.2" ? { double_heap: true } : { expand_heap: true }))
      @others = Array.new(100_000) { |n| "other#{n % 10}" }
      "run"
    end
  end

  def test_texts_stay_where_they_are_while_ruby_moves_its_own
    assert_equal "[\"ranker\", \"run\"]\n", run_program(<<~RUBY).first.lines.last
      #{File.read(__FILE__)[/^  Mover = .*?^  end$/m]}
      client = Mona::Client.new(endpoint: "memory:", flush_interval_ms: 1)
      client.context("ranker", id: Mover.new) {}
      client.flush
      record = client.take
      p [record["message"]["MONA_ARC_CLASS"], record["context"]]
    RUBY
  end

  def test_long_and_empty_texts
    client = memory
    long = "x" * 20_000
    client.context(long, id: long) { |run| run.export_at(long, a: 1) }
    assert_equal [long, long], records(client).first.then { |record| [record["message"]["MONA_ARC_CLASS"], record["context"]] }
    client.context("", id: "") { |run| run.export_at("", a: long * 2) }
    assert_equal long * 2, messages(client).last["a"]
  end

  # Tasks of an isolation test, and what each exports.
  TASKS = 200
  EVENTS = 5

  def test_a_block_gives_its_result_and_closes
    client = memory
    assert_equal 7, client.context("ranker", id: "run") { |run| (assert_equal("run", run.id); 7) }
    assert_equal "", client.id
    assert_raises(Mona::NoContextError) { client.export(a: 1) }
  end

  def test_classes_and_steps
    client = memory
    client.context("ranker", id: "run", at: Time.at(5)) do |run|
      client.sub("fetch", id: "step") { client.export(a: 1) }
      run.sub("sort", id: "other") { |step| step.export(b: 2) }
      client.export(c: 3)
    end
    told = records(client).map { |record| [record["context"], record["message"].first] }
    assert_equal [["run", ["MONA_ARC_CLASS", "ranker"]], ["run.step", ["MONA_ARC_CLASS", "fetch"]], ["run.step", ["a", 1]],
                  ["run.other", ["MONA_ARC_CLASS", "sort"]], ["run.other", ["b", 2]], ["run", ["c", 3]]], told
  end

  def test_a_block_inside_joins
    client = memory
    client.context("a", id: "outer") { client.context("b", id: "inner") { |run| assert_equal "outer", run.id } }
  end

  def test_an_exception_leaves_the_context
    client = memory
    assert_raises(RuntimeError) { client.context("a") { raise "out" } }
    assert_equal "", client.id
  end

  def test_a_context_to_keep
    client = memory
    run = client.context("ranker", id: "kept")
    assert_equal "", client.id
    step = run.sub(nil, id: "step")
    Thread.new { step.export(a: 1) }.join
    assert_equal "kept.step", context_of(client, "a")
    run.within { assert_equal "kept", client.id }
  end

  def test_a_step_without_a_run_is_refused
    assert_raises(Mona::NoContextError) { memory.sub("step") { flunk } }
  end

  def test_clients_have_contexts_of_their_own
    one = memory
    two = memory
    one.context(nil, id: "1") { two.context(nil, id: "2") { assert_equal %w[1 2], [one.id, two.id] } }
  end

  def export_and_yield(client, number)
    client.context("task-#{number}", id: "task-#{number}") do
      EVENTS.times do |event|
        client.export(number: number, event: event)
        yield
      end
    end
  end

  def check_isolation(client)
    told = records(client)
    assert_equal TASKS * (EVENTS + 1), told.size
    foreign = told.reject { |record| record["context"] == "task-#{record["message"]["number"] || record["message"]["MONA_ARC_CLASS"][/\d+/]}" }
    assert_empty foreign
  end

  def test_threads_are_isolated
    client = memory
    (0...TASKS).map { |number| Thread.new { export_and_yield(client, number) { Thread.pass } } }.each(&:join)
    check_isolation(client)
  end

  def test_fibers_are_isolated
    client = memory
    fibers = (0...TASKS).map { |number| Fiber.new { export_and_yield(client, number) { Fiber.yield } } }
    fibers.each(&:resume) while (fibers = fibers.select(&:alive?)).any?
    check_isolation(client)
  end

  def test_fibers_inside_a_context_do_not_change_it
    client = memory
    client.context(nil, id: "outside") do
      fiber = Fiber.new(**storage_of_none) { client.context(nil, id: "inside") { Fiber.yield } }
      fiber.resume
      assert_equal "outside", client.id
      fiber.resume
    end
  end

  def test_carried_blocks
    client = memory
    client.context(nil, id: "run") do
      seen = Thread.new(&client.carry { client.id }).value
      assert_equal "run", seen
      assert_equal ["run", 3], Fiber.new(&client.carry { |n| [client.id, n] }).resume(3)
      outliving = client.carry { client.export(late: 1) }
      @outliving = Thread.new { outliving.call }
    end
    @outliving.join
    assert_equal "run", context_of(client, "late")
  end

  def test_a_new_thread_has_what_this_ruby_inherits
    client = memory
    client.context(nil, id: "run") do
      assert_equal Mona::Carrier::INHERITS ? "run" : "", Thread.new { client.id }.value
    end
  end

  def test_stacks_are_freed
    client = memory
    20_000.times { client.context(nil, id: "a") { client.sub(nil, id: "b") { nil } } }
    GC.start
    assert_equal "", client.id
  end

  private

  # The context of the record with a field; records of different threads come in any order.
  def context_of(client, field)
    records(client).find { |record| record["message"].key?(field) }["context"]
  end

  # Fibers of newer versions inherit; the test wants one that does not share.
  def storage_of_none
    Mona::Carrier::INHERITS ? { storage: {} } : {}
  end
end
