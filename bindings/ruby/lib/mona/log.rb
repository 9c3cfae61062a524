# frozen_string_literal: true

module Mona
  # Lines of the library's log for a Logger of the program. They are taken by a thread of this package and at calls that
  # are refused, flush or close; the library never calls into Ruby.
  module Log
    TAKE = Native.function(:mona_log_take)
    SET_LEVEL = Native.function(:mona_log_set_level)
    WARNING = 30
    # A line is seldom urgent; this wakes the process four times a second at most, and only with a logger.
    PERIOD_S = 0.25

    @logger = nil
    @thread = nil
    @lock = Mutex.new

    class << self
      attr_reader :logger

      # Begins to give lines to a logger, or stops with nil.
      def logger=(logger)
        @lock.synchronize { @logger = logger }
        start if logger
      end

      # Gives all waiting lines to the logger.
      def drain
        return if @logger.nil? || Thread.current.thread_variable_get(:mona_log)

        while (line = take)
          say(*line)
        end
      end

      # Gives a line to the logger.
      def say(level, line)
        thread = Thread.current
        # A logger that exports, and is refused, would have that to say, without an end.
        return if @logger.nil? || thread.thread_variable_get(:mona_log)

        begin
          thread.thread_variable_set(:mona_log, true)
          # Ruby's levels are the tens of the library's.
          @logger&.add([level / 10 - 1, 0].max, line, "mona")
        rescue StandardError
          nil # A logger that fails is not the exporter's fault.
        ensure
          thread.thread_variable_set(:mona_log, nil)
        end
      end

      # The oldest waiting line as level and text, nil where none is.
      def take
        Scratch.use do |scratch|
          # The level has the second place, the length the first one.
          status, text = scratch.ask(TAKE, [scratch.address + 8])
          status, text = scratch.ask(TAKE, [scratch.address + 8]) if status == Status::TRUNCATED
          status.zero? ? [scratch.pointer[8, 4].unpack1("l"), text] : nil
        end
      end

      # The least important line that is logged, 0 to 50.
      def level=(level)
        status = SET_LEVEL.call(level)
        raise Refusal.error(status) unless status.zero?
      end

      # Starts the thread; again in a forked child, which has none.
      def start
        @lock.synchronize do
          next if @thread&.alive?

          @thread = Thread.new { run }
          @thread.name = "mona-log"
          @thread.report_on_exception = false
        end
      end

      def restart
        @lock = Mutex.new # one that another thread of the parent held would be held for ever
        @thread = nil
        start if @logger
      end

      private

      def run
        while @logger
          drain
          sleep PERIOD_S
        end
      end
    end
  end
end
