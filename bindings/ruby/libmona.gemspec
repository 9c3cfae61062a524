# frozen_string_literal: true

require_relative "lib/mona/generated/version"

Gem::Specification.new do |spec|
  spec.name = "libmona"
  spec.version = Mona::VERSION
  spec.summary = "Client for Mona, a service that monitors algorithms in production"
  spec.description = "Open a context for each run of an algorithm, export fields from anywhere inside it; a thread of " \
                     "the native library libmona ships them. Nothing is compiled when it is installed."
  spec.authors = ["The libmona authors"]
  spec.homepage = "https://www.monalabs.io"
  spec.licenses = ["Apache-2.0", "MIT"]
  # Process._fork, which a child's log needs, came with 3.1.
  spec.required_ruby_version = ">= 3.1"
  spec.files = Dir.chdir(__dir__) { Dir["lib/**/*.rb", "lib/mona/native/*", "README.md", "LICENSE-*"] }
  spec.require_paths = ["lib"]
  spec.metadata = { "rubygems_mfa_required" => "true" }
end
