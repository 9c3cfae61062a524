# frozen_string_literal: true

# Many events in one call, each in a context of its own.

require "libmona"
require "logger"

Mona.logger = Logger.new($stderr) # what the library has to say, such as why nothing arrives

events = (0...100).map { |position| { arc_class: "ranker", message: { position: position } } }
accepted = Mona.export_batch(events)
warn "#{accepted} of #{events.size} events accepted"

exit Mona.close(5)
