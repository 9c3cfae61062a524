# frozen_string_literal: true

class TestValues < Case
  def exported(fields, options = {})
    client = memory(**options)
    client.context { |run| assert run.export(fields) }
    messages(client).last
  end

  def refused(kind, fields)
    client = memory
    error = assert_raises(kind) { client.context { |run| run.export(fields) } }
    client.context { |run| run.export(after: 1) }
    assert_equal [{ "after" => 1 }], messages(client)
    error
  end

  def test_plain_values
    fields = { text: "ü", symbol: :cat, whole: 3, large: (1 << 64) - 1, small: -(1 << 63), float: 0.25, yes: true, no: false, none: nil }
    assert_equal JSON.parse(JSON.generate(fields)), exported(fields)
  end

  def test_nested_values
    fields = { "list" => [1, [2.5, nil], { a: [] }], "map" => { "b" => { c: :d } } }
    assert_equal JSON.parse(JSON.generate(fields)), exported(fields)
  end

  def test_keywords_and_hashes_are_the_same
    assert_equal exported({ "a" => 1 }), exported(a: 1)
  end

  def test_floats_that_json_has_no_words_for_are_null
    assert_equal({ "a" => nil, "b" => nil }, exported(a: Float::NAN, b: -Float::INFINITY))
  end

  def test_texts_of_other_encodings_become_utf8
    assert_equal({ "a" => "ü", "b" => "日本" }, exported(a: "ü".encode("ISO-8859-1"), b: "日本".encode("UTF-16LE")))
  end

  def test_a_nul_in_a_text_is_kept
    assert_equal({ "a\0b" => "c\0d" }, exported("a\0b" => "c\0d"))
  end

  def test_subclasses_go_as_what_they_are
    text = Class.new(String).new("t")
    map = Class.new(Hash).new.merge!("k" => text)
    assert_equal({ "m" => { "k" => "t" } }, exported(m: map))
  end

  def test_keys_as_json_names_them
    assert_equal({ "1" => 1, "null" => 2, "2.5" => 3, "true" => 4 }, exported({ 1 => 1, nil => 2, 2.5 => 3, true => 4 }))
  end

  def test_names_of_several_encodings
    latin = "é".encode("ISO-8859-1")
    wide = "é".encode("UTF-16LE")
    assert_equal({ "é" => { "é" => { "é" => "t" } } }, exported("é" => { latin => { wide => Class.new(String).new("t") } }))
    assert_includes refused(Mona::JsonError, { "é" => { latin => { wide => Time.now } } }).message, "é.é.é"
    assert_includes refused(Mona::Utf8Error, { "é" => { "\xff".b => 1 } }).message, "é."
  end

  def test_objects_that_have_no_methods_or_others
    assert_includes refused(Mona::JsonError, BasicObject.new).message, "BasicObject"
    client = memory
    assert_raises(Mona::JsonError) { client.context("a", id: BasicObject.new) { nil } }
    assert_equal({ "a" => "t" }, exported(a: Class.new(String) { def to_s = nil }.new("t")))
  end

  def test_nesting_that_is_too_deep_for_a_fiber
    deep = 5000.times.inject(Time.now) { |inner,| { a: inner } }
    error = Fiber.new { memory(max_depth: 10_000).context { |run| assert_raises(Mona::LimitError) { run.export(deep) } } }.resume
    assert_includes error.message, "nested"
  end

  def test_reserved_names_are_left_out
    assert_equal({ "a" => 1 }, exported(MONA_x: 0, a: 1))
  end

  def test_what_json_cannot_say_is_refused_by_its_field
    [Time.now, Object.new, Rational(1, 2), 1i, Class, -> {}, Struct.new(:a).new(1), 1..2].each do |value|
      assert_includes refused(Mona::JsonError, { fine: 1, odd: [1, { deep: value }] }).message, "odd[1].deep"
    end
    assert_includes refused(Mona::JsonError, { odd: BasicObject.new }).message, "odd"
  end

  def test_whole_numbers_beyond_64_bits_are_refused_by_their_field
    assert_includes refused(Mona::JsonError, { fine: 1, big: 1 << 64 }).message, '"big"'
    assert_includes refused(Mona::JsonError, { list: [0, -(1 << 63) - 1] }).message, '"list[1]"'
  end

  def test_text_that_is_not_utf8_is_refused_by_its_field
    assert_includes refused(Mona::Utf8Error, { bad: "\xff" }).message, '"bad"'
    assert_includes refused(Mona::Utf8Error, { bad: "\xff".b }).message, '"bad"'
    assert_includes refused(Mona::Utf8Error, { "\xff" => 1 }).message, "field"
  end

  def test_odd_keys_are_refused
    assert_includes refused(Mona::JsonError, { fine: { Object.new => 1 } }).message, '"fine"'
  end

  def test_what_is_no_hash_is_refused
    [nil, 5, "text", [1]].each { |value| refused(Mona::JsonError, value) }
  end

  def test_cycles_and_depth_are_refused
    cycle = []
    cycle << cycle
    assert_equal Mona::Status::LIMIT, refused(Mona::LimitError, { cycle: cycle }).status
    assert_equal({ "a" => [[1]] }, exported({ a: [[1]] }, { max_depth: 3 }))
    assert_raises(Mona::LimitError) { exported({ a: [[1]] }, { max_depth: 2 }) }
  end

  def test_a_hash_that_calls_back_is_only_a_hash
    odd = Class.new(Hash) { def to_json(*) = raise("not asked") }.new.merge!("a" => 1)
    assert_equal({ "o" => { "a" => 1 } }, exported(o: odd))
  end

  def test_times
    client = memory
    client.context do |run|
      run.export_at(Time.at(1_552_903_200, 999_000), a: 1)
      run.export_at(1_552_903_200, a: 2)
      run.export_at(nil, a: 3)
      run.export_at("soon", a: 4)
    end
    first, second, third, fourth = records(client)
    assert_equal [1_552_903_200] * 2, [first, second].map { |record| record["export_timestamp"] }
    assert_in_delta Time.now.to_i, third["export_timestamp"], HANG_S
    assert_equal "soon", fourth["message"]["MONA_INVALID_EXPORT_TIMESTAMP"]
  end

  def test_large_events
    text = "x" * 200_000
    assert_equal({ "a" => text }, exported(a: text))
    assert_raises(Mona::LimitError) { memory(max_event_bytes: 1000).context { |run| run.export(a: text) } }
  end
end
