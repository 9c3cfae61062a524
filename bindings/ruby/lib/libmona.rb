require_relative "mona"
