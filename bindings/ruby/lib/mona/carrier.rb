# frozen_string_literal: true

module Mona
  # Where the context of the running code is kept. Ruby 3.2 and later have a storage of fibers that new fibers and
  # threads inherit. Before that it is a fiber's own: a new fiber or thread starts without one, and {Mona.carry}
  # hands it on.
  module Carrier
    INHERITS = Fiber.respond_to?(:[])

    if INHERITS
      def self.get(key)
        Fiber[key]
      end

      def self.set(key, stack)
        Fiber[key] = stack
      end
    else
      def self.get(key)
        Thread.current[key]
      end

      def self.set(key, stack)
        Thread.current[key] = stack
      end
    end
  end
end
