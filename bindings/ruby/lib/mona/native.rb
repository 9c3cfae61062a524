# frozen_string_literal: true

require "fiddle"

module Mona
  # The shared library and its functions. Addresses cross as numbers: Fiddle makes an object of every pointer that it
  # converts, which costs more than the call.
  module Native
    TYPES = {
      "a" => Fiddle::TYPE_UINTPTR_T, "z" => Fiddle::TYPE_SIZE_T, "q" => -Fiddle::TYPE_LONG_LONG,
      "u" => -Fiddle::TYPE_INT, "i" => Fiddle::TYPE_INT, "d" => Fiddle::TYPE_DOUBLE, "v" => Fiddle::TYPE_VOID
    }.freeze
    # The binary interface that this package was made for; libraries of another one are not used.
    ABI = 0
    HERE = __dir__

    module_function

    # The places of the library: that of MONA_LIBRARY alone where it is set, else this package's folder, else
    # the system's.
    def candidates
      named = ENV["MONA_LIBRARY"]
      return [named] if named && !named.empty?

      suffix = RUBY_PLATFORM.include?("darwin") ? "#{ABI}.dylib" : "so.#{ABI}"
      packaged = File.join(HERE, "native", "libmona.#{suffix}")
      File.exist?(packaged) ? [packaged] : ["libmona.#{suffix}", "libmona.so"]
    end

    def open_library
      problems = candidates.map do |path|
        return Fiddle.dlopen(path)
      rescue Fiddle::DLError => e
        e.message
      end
      raise LoadError, "libmona is not found (#{problems.join("; ")}): install it, or name it in MONA_LIBRARY"
    end

    # A function. One that may wait lets other threads of Ruby run meanwhile, which costs each call a little.
    def function(name, waits: false)
      gives, *takes = SIGNATURES.fetch(name).chars.map { |letter| TYPES.fetch(letter) }
      Fiddle::Function.new(LIBRARY[name.to_s], takes, gives, need_gvl: !waits)
    rescue Fiddle::DLError
      raise LoadError, "libmona has no #{name}: a library of version #{VERSION} or later is expected"
    end

    LIBRARY = open_library
    found = function(:mona_abi_version).call
    raise LoadError, "libmona has the binary interface #{found}, #{ABI} is expected" unless found == ABI
  end
end
