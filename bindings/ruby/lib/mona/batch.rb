# frozen_string_literal: true

module Mona
  # Many events in one call. What cannot be said of one leaves the rest of it and the others as they are.
  module Batch
    FROM_STACK = Native.function(:mona_stack_export_batch, waits: true)
    # A number is no message and no event, and is refused as one by the core, which counts it.
    NONE = "0"

    module_function

    # Calls the function with its first arguments, the array as JSON and a place for the number accepted; gives that
    # number, or refuses.
    def send(function, client, arguments, events)
      unless Enumerable === events
        Refusal.of(Status::JSON, client, "batch: #{Values.described(events)}, an Array of Hashes is expected")
        return 0
      end

      problems = []
      json = "[#{events.each_with_index.map { |event, number| event_text(event, number, client.max_depth, problems) }.join(",")}]"
      status, accepted = call(function, arguments, json)
      Refusal.of(status, client) unless status.zero?
      problems.first(1).each { |problem| Refusal.of(problem.status, client, problem.message) }
      accepted
    end

    # The same from a stack, whose enters the events join: the status, and what a task goes on with.
    def from_stack(client, stack, events)
      json = "[#{events.each_with_index.map { |event, number| event_text(event, number, client.max_depth, []) }.join(",")}]"
      status, = call(FROM_STACK, [client.address, stack.address], json)
      # Outside an enter each event replaced what was open.
      sent = events.any? { |event| event.is_a?(Hash) && (event.key?("message") || event.key?(:message)) }
      leaves = sent && !client.disabled? && stack.reset[1].address.zero?
      [status, leaves ? Stack::EMPTY : stack]
    end

    # One event as JSON text.
    def event_text(event, number, depth, problems)
      # The event is one level, its message the next.
      Scratch.use { |scratch| Values.event(with_text_id(event), scratch.state, depth + 1) }
    rescue Values::Refused => e
      problems << Values::Refused.new(e.status, "event #{number}: #{e.message}")
      Hash === event ? "{#{event.filter_map { |name, value| piece(name, value, depth) }.join(",")}}" : NONE
    end

    # Ids are what to_s makes of them, as in a block.
    def with_text_id(event)
      return event unless Hash === event

      name = event.key?(:context_id) ? :context_id : "context_id"
      case id = event[name]
      when nil, String then event
      when Object then event.merge(name => id.to_s)
      else event # a BasicObject has no to_s, and is refused
      end
    end

    # One part of an event that cannot be said as a whole; nil for one whose name cannot be said.
    def piece(name, value, depth)
      name = name_text(name) or return
      text = Scratch.use { |scratch| Values.json(value, scratch.state, depth) }
      "#{JSON.generate(name)}:#{text}"
    rescue Values::Refused
      said = { "message" => NONE, "arc_class" => "null" }.fetch(name) { readable(value) }
      "#{JSON.generate(name)}:#{said}"
    end

    def name_text(name)
      Values.key_text(name, nil)
    rescue Values::Refused
      nil
    end

    # What people can read of a value, as JSON text.
    def readable(value)
      text = Object === value ? value.to_s : ""
      text = String.new(text, encoding: Encoding::UTF_8) if text.encoding == Encoding::BINARY
      JSON.generate(text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace).scrub)
    rescue EncodingError
      "null"
    end

    def call(function, arguments, json)
      Scratch.use do |scratch|
        scratch.pointer[0, 8] = Scratch::ZEROS[0, 8]
        status = function.call(*arguments, Fiddle::Pointer[json].to_i, json.bytesize, scratch.address)
        [status, scratch.output(0)]
      end
    end
  end
end
