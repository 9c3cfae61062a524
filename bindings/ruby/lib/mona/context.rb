# frozen_string_literal: true

module Mona
  # An open context: what is exported in it belongs to one run of an algorithm. It never changes; any number of
  # threads and fibers may use one, also after its block has ended.
  class Context
    # The context as a value.
    attr_reader :stack

    def initialize(client, stack)
      @client = client
      @stack = stack
    end

    # The full id: those of the main context and of the steps, joined by dots.
    def id
      @stack.id
    end

    # Sends one event from this context, as {Client#export}.
    def export(fields)
      @client.send_event(@stack, fields, nil)
    end

    # The same with a time.
    def export_at(time, fields)
      @client.send_event(@stack, fields, time)
    end

    # Opens a step of this run, for the block or to keep, as {Client#context}.
    def sub(arc_class = nil, id: nil)
      inside = Context.new(@client, step(arc_class, id))
      block_given? ? inside.within { yield inside } : inside
    end

    # Runs the block in this context, on whichever thread or fiber.
    def within(&block)
      @client.within(@stack, &block)
    end

    private def step(arc_class, id)
      return @stack if @stack.equal?(Stack::INERT) || @stack.equal?(Stack::CLOSED)

      if @stack.address.zero? && !@client.default?
        Refusal.of_none(@client, @stack) # the empty stack in C is the default client's
        return @stack
      end

      status, entered = @stack.enter_sub(@client, arc_class, id)
      Refusal.of_block(status, @client) unless status.zero?
      entered
    rescue Values::Refused => e
      Refusal.of(e.status, @client, e.message)
      @stack
    end

    def inspect
      "#<Mona::Context #{id}>"
    end
  end
end
