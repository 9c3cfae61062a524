# frozen_string_literal: true

module Mona
  # The context of a task as a value: it never changes, each move gives another one together with a status. Any
  # number of threads may use it. {Client} is made of it; it is for hosts with rules of their own.
  class Stack
    FREE = Native.function(:mona_stack_free)
    ID = Native.function(:mona_stack_id)
    LEAVE = Native.function(:mona_stack_leave)
    CLOSE_SUB = Native.function(:mona_stack_close_sub)
    RESET = Native.function(:mona_stack_reset)
    # Moves that send a class wait where the client's exports do, and then without Ruby's lock.
    ENTER, ENTER_SUB, OPEN, OPEN_SUB = %i[mona_stack_enter mona_stack_enter_sub mona_stack_open mona_stack_open_sub].map do |name|
      { false => Native.function(name), true => Native.function(name, waits: true) }.freeze
    end

    # Of the value in C; 0 is the empty stack.
    attr_reader :address

    def initialize(address)
      @address = address
      # Freed in C when this is collected.
      @owner = Fiddle::Pointer.new(address, 0, FREE) unless address.zero?
      freeze
    end

    EMPTY = new(0)
    # What a context is that was opened while everything was off: it does nothing for its whole life.
    INERT = new(0)
    # The same where the client was closed: what is exported in it is refused for that.
    CLOSED = new(0)

    # The full id of the open context, "" where none is.
    def id
      Scratch.text(ID, @address).last
    end

    # Each of these gives the status and the next stack; enter and enter_sub the scope for leave as well.

    def enter(client, arc_class, id, time)
      move do |scratch, hold|
        ENTER[client.waits?].call(client.address, @address, Argument.field(scratch, 0, arc_class, hold),
                                  *Argument.text(scratch, id, hold), Argument.field(scratch, 1, time, hold),
                                  scratch.address, scratch.address + 8)
      end
    end

    def enter_sub(client, arc_class, id)
      move do |scratch, hold|
        ENTER_SUB[client.waits?].call(@address, Argument.field(scratch, 0, arc_class, hold), *Argument.text(scratch, id, hold),
                                      scratch.address, scratch.address + 8)
      end
    end

    def open(client, arc_class, id, time)
      move do |scratch, hold|
        OPEN[client.waits?].call(client.address, @address, Argument.field(scratch, 0, arc_class, hold),
                                 *Argument.text(scratch, id, hold), Argument.field(scratch, 1, time, hold), scratch.address + 8)
      end
    end

    def open_sub(client, arc_class, id)
      move do |scratch, hold|
        OPEN_SUB[client.waits?].call(@address, Argument.field(scratch, 0, arc_class, hold), *Argument.text(scratch, id, hold),
                                     scratch.address + 8)
      end
    end

    def leave(scope)
      move { |scratch| LEAVE.call(@address, scope, scratch.address + 8) }
    end

    def close_sub(id)
      move { |scratch, hold| CLOSE_SUB.call(@address, *Argument.text(scratch, id, hold), scratch.address + 8) }
    end

    def reset
      move { |scratch| RESET.call(@address, scratch.address + 8) }
    end

    private

    # Runs a move with memory for its answers and its texts, and a list that keeps texts that are too long for it.
    def move
      Scratch.use do |scratch|
        scratch.clear
        scratch.pointer[0, 16] = Scratch::ZEROS
        status = yield scratch, []
        scope, to = scratch.pointer[0, 16].unpack("QJ")
        [status, to.zero? ? EMPTY : Stack.new(to), scope]
      end
    end
  end

  # Arguments of calls in C.
  module Argument
    module_function

    # Address and length of a text that may be missing.
    def text(scratch, value, hold)
      return [0, 0] if NilClass === value
      unless Object === value # a BasicObject has no to_s
        raise Values::Refused.new(Status::JSON, "id: #{Values.described(value)}, text is expected")
      end

      value = Values.text(value.to_s, "id")
      [scratch.add(value, hold), value.bytesize]
    end

    # The address of a field with a class or a time, 0 for nil.
    def field(scratch, place, value, hold)
      case value
      when nil then 0
      when Float then scratch.field(place, Kind::F64, "d", value)
      when true, false then scratch.field(place, Kind::BOOL, "l", value ? 1 : 0)
      when Hash, Array then scratch.field(place, Kind::JSON, "JJ", *text(scratch, Values.json(value, scratch.state, 100), hold))
      when Integer then whole(scratch, place, value, hold)
      else scratch.field(place, Kind::STR, "JJ", *text(scratch, value, hold))
      end
    end

    def whole(scratch, place, value, hold)
      return scratch.field(place, Kind::JSON, "JJ", *text(scratch, value, hold)) unless Values::WHOLE.cover?(value)

      value.negative? ? scratch.field(place, Kind::I64, "q", value) : scratch.field(place, Kind::U64, "Q", value)
    end

    # A time as Ruby's users say it.
    def time(value)
      value.is_a?(Time) ? value.to_f : value
    end
  end
end
