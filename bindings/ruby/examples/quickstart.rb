# frozen_string_literal: true

# A run of an algorithm, a step of it, and what they export. MONA_ENDPOINT says where to.

require "libmona"
require "logger"

Mona.logger = Logger.new($stderr) # what the library has to say, such as why nothing arrives

Mona.context("image-classifier") do |run|
  run.export(country: "IL", age: nil, is_mobile: true)
  Mona.sub("resize") do
    Mona.export(width: 640, milliseconds: 1.5) # the open context, from anywhere
  end
  run.export(label: "cat", confidence: 0.97, boxes: [[1, 2]])
end

exit Mona.close(2) # waits until the collector has it, for two seconds at most
