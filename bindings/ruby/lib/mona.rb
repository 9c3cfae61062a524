# frozen_string_literal: true

require "json"
require_relative "mona/error"
require_relative "mona/generated/version"
require_relative "mona/generated/status"
require_relative "mona/generated/options"
require_relative "mona/generated/stats"
require_relative "mona/generated/signatures"
require_relative "mona/native"
require_relative "mona/scratch"
require_relative "mona/values"
require_relative "mona/carrier"
require_relative "mona/stack"
require_relative "mona/log"
require_relative "mona/refusal"
require_relative "mona/options"
require_relative "mona/batch"
require_relative "mona/exit"
require_relative "mona/context"
require_relative "mona/client"

# Monitoring of algorithms with Mona: open a context for each run, export fields from anywhere inside it.
#
#     Mona.context("ranker") { |run| run.export(score: 0.9) }
#
# The methods are those of the process's default client, which is made from the environment at the first call that needs
# it, or by {Mona.init} with options.
module Mona
  @lock = Mutex.new
  @client = nil

  class << self
    # The default client. Raises an {Error} where the environment has options it cannot be made with.
    def client
      @client || @lock.synchronize { @client ||= Client.default }
    end

    # Starts the default client with options of {OPTIONS}. False: there is one already, and it stays.
    def init(**options)
      @lock.synchronize do
        return already_started if @client

        client = Client.new(**options)
        return client.close(0) && already_started unless client.default!

        @client = client
        true
      end
    end

    # Whether a call that is refused raises its {Error}, as at the start; else it answers false and the log has the
    # reason. For the whole process.
    def raise_errors=(wanted)
      Refusal.raises = wanted
    end

    def raise_errors
      Refusal.raises
    end

    # Gives the library's log to a Logger; nil: to nobody.
    def logger=(logger)
      Log.logger = logger
    end

    def logger
      Log.logger
    end

    # The least important line that is logged: 10 debug, 20 info, 30 warnings, 40 errors, 50 nothing.
    def log_level=(level)
      Log.level = level
    end

    # {Client#context}
    def context(arc_class = nil, id: nil, at: nil, &block)
      client.context(arc_class, id: id, at: at, &block)
    end

    # {Client#sub}
    def sub(arc_class = nil, id: nil, &block)
      client.sub(arc_class, id: id, &block)
    end

    # {Client#export}
    def export(fields)
      client.export(fields)
    end

    # {Client#export_at}
    def export_at(time, fields)
      client.export_at(time, fields)
    end

    # {Client#export_batch}
    def export_batch(events)
      client.export_batch(events)
    end

    # {Client#globals=}
    def globals=(fields)
      client.globals = fields
    end

    # {Client#carry}
    def carry(&block)
      client.carry(&block)
    end

    # {Client#id}
    def id
      client.id
    end

    # {Client#flush}. Does nothing where no client was started.
    def flush(timeout = 5.0)
      @client ? @client.flush(timeout) : true
    end

    # {Client#close}. Does nothing where no client was started.
    def close(timeout = 5.0)
      @client ? @client.close(timeout) : true
    end

    %i[stats describe take disable enable disabled?].each do |name|
      # The methods of {Client} of these names.
      define_method(name) { client.public_send(name) }
    end

    # {Client#check}
    def check(timeout = 10.0)
      client.check(timeout)
    end

    private

    def already_started
      Log.say(Log::WARNING, "init: a client runs already, the options are not used")
      false
    end
  end
end
