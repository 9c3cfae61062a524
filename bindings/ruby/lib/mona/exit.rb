# frozen_string_literal: true

module Mona
  # Ends and forks of the process.
  module Exit
    @clients = ObjectSpace::WeakMap.new

    class << self
      # Remembers a client for the flush at exit.
      def watch(client)
        # As a value: Ruby 3.1 looks only at these when it leaves out what is collected.
        @clients[client.object_id] = client
      end

      # Waits for what is queued, for the exit_flush_ms of each client, and gives the last lines to the logger.
      def flush
        @clients.values.each { |client| flush_one(client) }
        Log.drain
      end

      private

      def flush_one(client)
        client.flush(client.exit_flush_ms / 1000.0) unless client.disabled?
      rescue StandardError
        nil # the others are flushed all the same, also where a subclass has methods of its own
      end
    end

    # A child of fork has none of its parent's threads.
    module Fork
      def _fork
        pid = super
        Log.restart if pid.zero?
        pid
      end

      # The process that calls it ends at once by _exit, which flushes nothing.
      def daemon(...)
        Exit.flush
        result = super
        Log.restart
        result
      end
    end

    Process.singleton_class.prepend(Fork)
    at_exit { flush }
  end
end
