# frozen_string_literal: true

module Mona
  # Many events in one call.
  module Batch
    module_function

    # Calls the function with its first arguments, the array as JSON and a place for the number accepted.
    # An event that cannot be said is left out, and refused when the others are on their way.
    def send(function, client, arguments, events)
      problem = nil
      items = events.each_with_index.map do |event, number|
        one(event, client)
      rescue Values::Refused => e
        problem ||= [e.status, "event #{number}: #{e.message}"]
        nil
      end
      status, accepted = call(function, arguments, "[#{items.compact.join(",")}]")
      Refusal.of(status, client) unless status.zero?
      Refusal.of(*problem.first(1), client, problem.last) if problem
      accepted
    end

    def one(event, client)
      # The event is one level, its message the next.
      Scratch.use { |scratch| Values.event(event, scratch.state, client.max_depth + 1) }
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
