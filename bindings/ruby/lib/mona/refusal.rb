# frozen_string_literal: true

module Mona
  # What becomes of a call that was refused: an {Error}, or false where {Mona.raise_errors=} says so.
  module Refusal
    LAST_ERROR = Native.function(:mona_last_error)
    # These say that an event or a class is lost, not that the program is wrong: a block runs in spite of them.
    LOST = [Status::DROPPED, Status::TIMEOUT, Status::CLOSED, Status::IO, Status::BUSY].freeze
    # These are about a value; the core names the byte of it, {Values} the field.
    OF_VALUES = [Status::JSON, Status::UTF8, Status::LIMIT].freeze

    @raises = true
    class << self
      attr_accessor :raises
    end

    module_function

    # The error of the call that this thread has just made.
    def error(status)
      Error.of(status, Scratch.text(LAST_ERROR).last)
    end

    # The answer of a refused call.
    def of(status, client, detail = nil)
      problem = detail ? Error.of(status, detail) : error(status)
      return false if detail && client.disabled?

      Log.drain
      raise problem if Refusal.raises

      Log.say(Log::WARNING, problem.message) if detail
      false
    end

    # The answer of a refused export; the detail names the field where it can be found.
    def of_event(status, client, fields, stack)
      return false if status == Status::NO_CONTEXT && stack.equal?(Stack::INERT)

      problem = error(status)
      Values.copy_event(fields, client.max_depth) if OF_VALUES.include?(status)
      Log.drain
      raise problem if Refusal.raises

      false
    end

    # Of an export where no context is open. Asked here: the empty stack in C is the default client's.
    def of_none(client, stack)
      return false if stack.equal?(Stack::INERT) || client.disabled?
      return of(Status::CLOSED, client, "client: it was closed, an open client is expected") if stack.equal?(Stack::CLOSED)

      of(Status::NO_CONTEXT, client, "no context is open here, a block of context is expected around the call")
    end

    # Of a context that was not opened: only a mistake of the program stops the block.
    def of_block(status, client)
      of(status, client) unless LOST.include?(status)
    end
  end
end
