# frozen_string_literal: true

# Forked workers, each with a run of its own. A child that ends by itself or by exit is flushed.

require "libmona"
require "logger"

Mona.logger = Logger.new($stderr) # what the library has to say, such as why nothing arrives

def score(item)
  Mona.export(item: item, score: item / 100.0)
  item / 100.0
end

def handle(number)
  Mona.context("ranker", id: "request-#{number}") do |run|
    best = Mona.sub("scoring", id: "scoring") { [3, 1, 4].map { |item| score(item) }.max }
    run.export(best: best)
  end
end

children = (0...4).map { |number| fork { handle(number) } }
statuses = children.map { |pid| Process.wait2(pid).last }

exit statuses.all?(&:success?)
