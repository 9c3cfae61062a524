# frozen_string_literal: true

require "json"

module Mona
  # Memory outside Ruby's heap that a call uses while it runs: outputs first, then text. Kept in a pool, because
  # making it costs more than the call; taking from and giving to an Array is atomic in Ruby.
  class Scratch
    # Two outputs of 8 bytes and two fields of 40, rounded up.
    HEAD = 128
    # Most events are smaller; a larger one gets more.
    ROOM = 8192
    # What holds more is not kept: one large batch would stay in memory for ever.
    KEPT = 1 << 20
    OPTIONS = { max_nesting: 0, allow_nan: true }.freeze
    ZEROS = ("\0" * 16).freeze

    attr_reader :pointer, :address, :room, :state

    POOL = []
    class << self
      # Gives the block one, and takes it back.
      def use
        scratch = POOL.pop || new
        result = yield scratch
        give(scratch)
        result
      end

      # One that is too large to keep goes.
      def give(scratch)
        POOL.push(scratch) if scratch.room <= KEPT
      end

      # Asks a function for a text, again with more room where it did not fit. Gives its status and the text.
      def text(function, *arguments)
        use do |scratch|
          status, text = scratch.ask(function, arguments)
          status == Status::TRUNCATED ? scratch.ask(function, arguments) : [status, text]
        end
      end
    end

    def initialize
      @state = JSON::State.new(OPTIONS)
      reserve(ROOM)
    end

    # Copies a text and gives its address.
    def put(text)
      length = text.bytesize
      reserve(length * 2) if length > @room
      @pointer[HEAD, length] = text
      @used = length
      @address + HEAD
    end

    # Forgets the texts of the call before.
    def clear
      @used = 0
    end

    # Copies one more text behind the others and gives its address; one that does not fit gets memory of its own, which
    # hold keeps. A String's own bytes are no place for C to read while Ruby runs: a compaction moves them.
    def add(text, hold)
      length = text.bytesize
      if length > @room - @used
        hold << (own = Fiddle::Pointer.malloc(length, Fiddle::RUBY_FREE))
        own[0, length] = text
        return own.to_i
      end
      place = HEAD + @used
      @pointer[place, length] = text
      @used += length
      @address + place
    end

    # The number in the first or second place.
    def output(place)
      @pointer[place * 8, 8].unpack1("J")
    end

    # A field without a name in one of two places; gives its address.
    def field(place, kind, format, *value)
      offset = 16 + place * 40
      @pointer[offset, 40] = [@address, 0, kind, 0].pack("JJll") + value.pack(format).ljust(16, "\0")
      @address + offset
    end

    # One call of a function whose last arguments are buffer, capacity and length.
    def ask(function, arguments)
      @pointer[0, 8] = "\0" * 8
      status = function.call(*arguments, @address + HEAD, @room, @address)
      length = output(0)
      if status == Status::TRUNCATED
        reserve(length * 2)
        return [status, ""]
      end
      [status, @pointer[HEAD, [length, @room - 1].min].force_encoding(Encoding::UTF_8)]
    end

    private

    def reserve(room)
      @room = room
      @pointer = Fiddle::Pointer.malloc(HEAD + room, Fiddle::RUBY_FREE)
      @address = @pointer.to_i
    end
  end
end
