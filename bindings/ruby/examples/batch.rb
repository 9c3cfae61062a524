# frozen_string_literal: true

# Many events in one call, each in a context of its own.

require "libmona"

events = (0...100).map { |position| { arc_class: "ranker", message: { position: position } } }
accepted = Mona.export_batch(events)
warn "#{accepted} of #{events.size} events accepted"

exit Mona.close(5)
