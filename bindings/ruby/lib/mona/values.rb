# frozen_string_literal: true

module Mona
  # Values of Ruby as the JSON text that crosses. What JSON has no words for is refused with the name of its field.
  #
  # The generator in C of the json library says everything it does not know by to_s, so each event is looked through
  # first: one with nothing but plain values, the usual case, goes to it as it is, any other one as a plain copy.
  module Values
    # By identity: a look-up of a class takes half the time of a case.
    PLAIN = [String, Symbol, Integer, Float, TrueClass, FalseClass, NilClass].to_h { |one| [one, true] }
                                                                             .compare_by_identity.freeze
    NAMES = { Symbol => true, String => true }.compare_by_identity.freeze
    # The smallest and largest whole number of a record: int64 and uint64.
    WHOLE = (-(1 << 63)..(1 << 64) - 1).freeze
    EXPECTED = "text, a number, true, false, nil, an Array or a Hash is expected"

    # What a value cannot be said for; becomes an {Error} outside.
    class Refused < StandardError
      attr_reader :status

      def initialize(status, message)
        super(message)
        @status = status
      end
    end

    module_function

    # The JSON text of an event's fields.
    def event(fields, state, depth)
      return state.generate(fields) if fields.class == Hash && plain_map?(fields, depth)

      state.generate(copy_event(fields, depth))
    rescue JSON::GeneratorError, EncodingError, NoMethodError # a BasicObject has no class to ask
      state.generate(copy_event(fields, depth))
    end

    # The JSON text of any value.
    def json(value, state, depth, name = "value")
      state.generate(copy(value, name, depth))
    end

    def plain_map?(map, depth)
      map.each_pair do |key, value|
        return false unless NAMES[key.class] && (PLAIN[value.class] || plain_inside?(value, depth - 1))
      end
      true
    end

    def plain_inside?(value, depth)
      return false unless depth.positive?
      return plain_map?(value, depth) if value.class == Hash

      value.class == Array && value.all? { |inner| PLAIN[inner.class] || plain_inside?(inner, depth - 1) }
    end

    def copy_event(fields, depth)
      return copy(fields, nil, depth) if fields.is_a?(Hash)

      raise Refused.new(Status::JSON, "event: #{described(fields)}, a Hash of fields is expected")
    end

    # A value made of nothing but plain ones; name is where it stands in the event.
    def copy(value, name, depth)
      case value
      when String, Symbol then text(value.to_s, name)
      when Integer then whole(value, name)
      when Float, true, false, nil then value
      when Hash, Array then inside(value, name, depth)
      else raise Refused.new(Status::JSON, "field #{name.inspect}: #{described(value)}, #{EXPECTED}")
      end
    end

    def inside(value, name, depth)
      unless depth.positive?
        raise Refused.new(Status::LIMIT, "field #{name.to_s[0, 80].inspect}: nested too deep, see the option max_depth")
      end
      if value.is_a?(Array)
        return value.each_with_index.map { |inner, n| copy(inner, name ? "#{name}[#{n}]" : "[#{n}]", depth - 1) }
      end

      value.each_with_object({}) do |(key, inner), out|
        key = key_text(key, name)
        out[key] = copy(inner, name ? "#{name}.#{key}" : key, depth - 1)
      end
    end

    # As JSON names what is no text: null, true, 1, 2.5.
    def key_text(key, name)
      case key
      when String, Symbol then text(key.to_s, name ? "#{name}.#{key}" : key.to_s)
      when nil then "null"
      when Integer, Float, true, false then key.to_s
      else raise Refused.new(Status::JSON, "a key in #{name ? name.inspect : "the event"}: #{described(key)}, text is expected")
      end
    end

    def text(value, name)
      binary = value.encoding == Encoding::BINARY
      value = binary ? String.new(value, encoding: Encoding::UTF_8) : value.encode(Encoding::UTF_8)
      return value if value.valid_encoding?

      raise Refused.new(Status::UTF8, "field #{name.scrub.inspect}: text that is not UTF-8, UTF-8 is expected")
    rescue EncodingError
      raise Refused.new(Status::UTF8, "field #{name.b.inspect}: text that has no UTF-8, UTF-8 is expected")
    end

    def whole(value, name)
      return value if WHOLE.cover?(value)

      raise Refused.new(Status::JSON, "field #{name.inspect}: a whole number of #{value.bit_length} bits, 64 are expected")
    end

    def described(value)
      name = Kernel.instance_method(:class).bind_call(value).name || "object"
      name.match?(/\A[AEIOUaeiou]/) ? "an #{name}" : "a #{name}"
    end
  end
end
