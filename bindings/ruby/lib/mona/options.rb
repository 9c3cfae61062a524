# frozen_string_literal: true

module Mona
  # Options of a program as the core takes them: names and texts.
  module Options
    NEW = Native.function(:mona_options_new)
    SET = Native.function(:mona_options_set)
    FREE = Native.function(:mona_options_free)

    module_function

    # Gives the block the address of options with these values.
    def with(values)
      address = NEW.call
      values.each { |name, value| set(address, name.to_s, text(name, value)) unless value.nil? }
      yield address
    ensure
      FREE.call(address) if address
    end

    def set(address, name, value)
      status = SET.call(address, Fiddle::Pointer[name].to_i, name.bytesize, Fiddle::Pointer[value].to_i, value.bytesize)
      raise Refusal.error(status) unless status.zero?
    end

    def text(name, value)
      case value
      when true, false, Integer, Float, String, Symbol then value.to_s
      when Array then value.join(",")
      when Hash then JSON.generate(value)
      else
        return value.to_path if value.respond_to?(:to_path)

        raise Error.of(Status::ARGUMENT, "option #{name.to_s.inspect}: #{Values.described(value)}, " \
                                         "a number, text, true or false is expected")
      end
    end
  end
end
