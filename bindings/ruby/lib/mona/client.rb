# frozen_string_literal: true

module Mona
  # Where events go, with a queue and a sender thread of its own. {Mona} has the methods of the process's default
  # client; others are made by {Client.new}. Any thread may use one.
  class Client
    NEW, DEFAULT, SET_DEFAULT, FREE = %i[mona_client_new mona_client_default mona_client_set_default mona_client_free]
                                      .map { |name| Native.function(name, waits: true) }
    FLUSH, CLOSE, CHECK, BATCH = %i[mona_client_flush mona_client_close mona_client_check mona_client_export_batch]
                                 .map { |name| Native.function(name, waits: true) }
    DESCRIBE, STATS, GLOBALS, SET_DISABLED, IS_DISABLED =
      %i[mona_client_describe mona_client_stats_text mona_client_set_globals mona_client_set_disabled
         mona_client_is_disabled].map { |name| Native.function(name) }
    # No record of memory: is larger than an event may be; a wait for a lock is short.
    TAKE = Native.function(:mona_client_take)
    EXPORT = { false => Native.function(:mona_stack_export),
               true => Native.function(:mona_stack_export, waits: true) }.freeze

    # Of the value in C.
    attr_reader :address
    # The deepest nesting that an event may have.
    attr_reader :max_depth
    # How long an exit flushes, in milliseconds.
    attr_reader :exit_flush_ms

    @number = 0
    @lock = Mutex.new
    class << self
      # The process's default client, made from the environment where none was set.
      def default
        address = DEFAULT.call
        raise Refusal.error(Status::ARGUMENT) if address.zero?

        allocate.tap { |client| client.send(:adopt, address, true) }
      end

      # A number that no other client of the process has.
      def number
        @lock.synchronize { @number += 1 }
      end

    end

    # Frees the client in C at a collection, where the finaliser may wait without Ruby's lock. An object of its own,
    # because a dup of a client has it too, and Ruby would give that a finaliser of its own.
    class Owner
      def initialize(address)
        ObjectSpace.define_finalizer(self, Owner.freeing(address))
      end

      def self.freeing(address)
        proc { FREE.call(address) }
      end
    end
    private_constant :Owner

    # A client with these options, which go before the environment and the config file: any of {OPTIONS} with the
    # values that Ruby has for them. nil leaves one out.
    def initialize(**options)
      adopt(Options.with(options) do |address|
        Scratch.use do |scratch|
          status = NEW.call(address, scratch.address)
          raise Refusal.error(status) unless status.zero?

          scratch.output(0)
        end
      end)
      @owner = Owner.new(@address)
    end

    # Makes this one the client that {Mona} uses; false where there is one already.
    def default!
      status = SET_DEFAULT.call(@address)
      raise Refusal.error(status) unless [Status::OK, Status::EXISTS].include?(status)

      @default = status.zero?
    end

    # Opens a context, a run of an algorithm, for the block, and gives the block's result.
    #
    #     client.context("ranker") { |run| run.export(score: 0.9) }
    #
    # id continues a run that began elsewhere; at, a Time or seconds since 1970, dates it. Inside an open context the
    # block joins it. Without a block: a {Context} to keep, which no other code sees.
    def context(arc_class = nil, id: nil, at: nil)
      from = block_given? ? stack : Stack::EMPTY
      entered = Context.new(self, enter(from, arc_class, id, at))
      block_given? ? entered.within { yield entered } : entered
    end

    # Opens a sub-context, a step of the run, inside the open context; else as {#context}.
    def sub(arc_class = nil, id: nil, &block)
      Context.new(self, stack).sub(arc_class, id: id, &block)
    end

    # Sends one event, a Hash or keywords, from the open context. True: accepted. False: skipped on purpose
    # (disabled, filtered, sampled out). What is refused raises an {Error}, see {Mona.raise_errors=}.
    def export(fields)
      send_event(stack, fields, nil)
    end

    # The same with a time: a Time or seconds since 1970.
    def export_at(time, fields)
      send_event(stack, fields, time)
    end

    # Sends many events at once: Hashes with :message and, where wanted, :arc_class, :context_id, :export_timestamp.
    # Each has a context of its own. Gives the number accepted; those without a message are left out.
    def export_batch(events)
      Batch.send(BATCH, self, [@address], events)
    end

    # The full id of the open context, "" where none is.
    def id
      stack.id
    end

    # Sets the fields that go out once with each main context from now on; an empty Hash: none.
    def globals=(fields)
      json = Scratch.use { |scratch| Values.event(fields || {}, scratch.state, @max_depth) }
      answer(GLOBALS.call(@address, Fiddle::Pointer[json].to_i, json.bytesize))
    rescue Values::Refused => e
      Refusal.of(e.status, self, e.message)
    end

    # Switches everything off: calls go on to succeed and do nothing.
    def disable
      answer(SET_DISABLED.call(@address, 1))
    end

    # Takes back {#disable}. What the environment or the config file has switched off stays off.
    def enable
      answer(SET_DISABLED.call(@address, 0))
    end

    # Whether everything is off, whoever said so.
    def disabled?
      Scratch.use do |scratch|
        IS_DISABLED.call(@address, scratch.address).zero? && scratch.pointer[0, 4].unpack1("l") != 0
      end
    end

    # Waits until everything exported so far is delivered, at most so many seconds. True: it is. Other threads run
    # meanwhile.
    def flush(timeout = 5.0)
      finished(FLUSH.call(@address, milliseconds(timeout)))
    end

    # Flushes, then stops the client for good: later exports are refused. True: everything was delivered.
    def close(timeout = 5.0)
      finished(CLOSE.call(@address, milliseconds(timeout)))
    end

    # The counters.
    def stats
      counters = JSON.parse(told(*Scratch.text(STATS, @address)))
      Stats.new(*Stats.members.map { |name| counters.fetch(name.to_s, 0) })
    end

    # Every option by name: {"value", "source", "live"}; secrets are hidden.
    def describe
      JSON.parse(told(*Scratch.text(DESCRIBE, @address)))
    end

    # Tries the way to the collector step by step without sending events: [{"step", "ok", "milliseconds", "error"}].
    def check(timeout = 10.0)
      JSON.parse(Scratch.text(CHECK, @address, milliseconds(timeout)).last)
    end

    # The oldest delivered record as a Hash, nil where none is: for tests with the endpoint memory:.
    def take
      status, text = take_text
      status.zero? ? JSON.parse(text, max_nesting: false) : nil
    end

    # Its text as it is, with the status.
    def take_text
      Scratch.text(TAKE, @address)
    end

    # Whether this is the client that {Mona} uses.
    def default?
      @default
    end

    # Whether exports may wait, as the options blocking and queue_circular say.
    def waits?
      @waits
    end

    # The context of the running code.
    def stack
      Carrier.get(@key) || Stack::EMPTY
    end

    # A proc that runs the block in the context of here, on whichever thread or fiber.
    def carry(&block)
      carried = stack
      proc { |*arguments| within(carried) { block.call(*arguments) } }
    end

    # Runs the block in the context of a stack.
    def within(next_stack)
      before = Carrier.get(@key)
      Carrier.set(@key, next_stack)
      yield
    ensure
      Carrier.set(@key, before)
    end

    # Makes a stack the context of the running code, for hosts with rules of their own.
    def stack=(next_stack)
      Carrier.set(@key, next_stack)
    end

    # Sends one event from a stack; {Context} and {#export} end here.
    def send_event(from, fields, time)
      return Refusal.of_none(self, from) if from.address == 0 && !@default

      scratch = Scratch::POOL.pop || Scratch.new
      json = Values.event(fields, scratch.state, @max_depth)
      address = scratch.put(json)
      time = Argument.field(scratch, 1, Argument.time(time), hold = []) if time
      status = @export.call(from.address, address, json.bytesize, time || 0, scratch.address)
      taken = scratch.pointer[0]
      Scratch.give(scratch)
      status == 0 ? taken == 1 : Refusal.of_event(status, self, fields, from)
    rescue Values::Refused => e
      # While disabled nothing is checked.
      Refusal.of(e.status, self, e.message)
    end

    private

    def adopt(address, is_default = false)
      @address = address
      @default = is_default
      @key = :"mona_stack_#{Client.number}"
      options = JSON.parse(told(*Scratch.text(DESCRIBE, address)))
      value = ->(name) { options.dig(name, "value") }
      @waits = value["blocking"] == true || value["queue_circular"] == false
      @max_depth = value["max_depth"] || 60
      @exit_flush_ms = value["exit_flush_ms"] || 1000
      @export = EXPORT[@waits]
      Exit.watch(self)
    end

    # The stack of a context that opens. Where a value is refused and errors are not raised nothing opens, and the block
    # runs all the same.
    def enter(from, arc_class, id, at)
      opened(*from.enter(self, arc_class, id, Argument.time(at)))
    rescue Values::Refused => e
      Refusal.of(e.status, self, e.message)
      from
    end

    # What an enter gave; where all is well and nothing is open, everything is off.
    def opened(status, entered, _scope)
      Refusal.of_block(status, self) unless status.zero?
      return entered unless entered.address.zero?

      { Status::OK => Stack::INERT, Status::CLOSED => Stack::CLOSED }.fetch(status, entered)
    end

    def answer(status)
      status.zero? || Refusal.of(status, self)
    end

    def finished(status)
      Log.drain
      return true if status.zero?

      # A time-out is an answer, a closed client has nothing left to wait for.
      [Status::TIMEOUT, Status::CLOSED].include?(status) ? false : Refusal.of(status, self)
    end

    def told(status, text)
      raise Refusal.error(status) unless status.zero?

      text
    end

    def milliseconds(seconds)
      raise ::ArgumentError, "#{seconds.inspect}: seconds from 0 on are expected" unless seconds.is_a?(Numeric) && seconds >= 0

      ([seconds, 0xffff_ffff / 1000].min * 1000).ceil
    end
  end
end
