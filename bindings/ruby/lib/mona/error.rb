# frozen_string_literal: true

module Mona
  # A call that was refused. Each status has a class of its own below this one; {#status} is its number.
  class Error < StandardError
    # The number, one of {Status}.
    attr_reader :status

    def initialize(message = nil, status = 0)
      super(message)
      @status = status
    end

    # The error of a status, with the sentence of the core or of this package.
    def self.of(status, detail = nil)
      detail = Status::TEXTS[status] || "status #{status}" if detail.nil? || detail.empty?
      ERRORS.fetch(status, self).new(detail, status)
    end
  end

  # What is known of an option.
  Option = Struct.new(:default, :kind, :environment)
end
