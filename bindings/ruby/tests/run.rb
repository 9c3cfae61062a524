# frozen_string_literal: true

# Runs all tests and ends with "N passed, N failed, N skipped".

require_relative "helper"
Dir[File.join(__dir__, "test_*.rb")].sort.each { |path| require path }

# Counts in the words of the suites.
class Tally < Minitest::StatisticsReporter
  def report
    super
    puts "#{count - failures - errors - skips} passed, #{failures + errors} failed, #{skips} skipped"
  end
end

# What autorun would have done.
seed = Random.new_seed & 0xffff
Minitest.seed = seed if Minitest.respond_to?(:seed=)
puts "seed #{seed}"
srand(seed)
reporter = Minitest::CompositeReporter.new
reporter << Minitest::SummaryReporter.new($stdout, { verbose: false })
reporter << (tally = Tally.new)
reporter.start
Minitest::Runnable.runnables.reject { |suite| suite == Case }.each { |suite| suite.run(reporter, {}) }
reporter.report
exit tally.passed?
