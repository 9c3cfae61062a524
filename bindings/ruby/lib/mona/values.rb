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

    # What a value cannot be said for; becomes the {Error} of its status outside of {Stack}.
    class Refused < Error
      def initialize(status, message)
        super(message, status)
      end
    end

    module_function

    # The JSON text of an event's fields.
    def event(fields, state, depth)
      return state.generate(fields) if fields.class == Hash && plain_map?(fields, depth)

      state.generate(copy_event(fields, depth))
    rescue JSON::GeneratorError, EncodingError, NoMethodError # a BasicObject has no class to ask
      state.generate(copy_event(fields, depth))
    rescue SystemStackError # a fiber's stack is small, max_depth may be large
      raise Refused.new(Status::LIMIT, "event: nested deeper than Ruby's stack allows here")
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
      return copy(fields, nil, depth) if Hash === fields # a BasicObject has no is_a?

      raise Refused.new(Status::JSON, "event: #{described(fields)}, a Hash of fields is expected")
    end

    # A value made of nothing but plain ones; name is where it stands in the event.
    def copy(value, name, depth)
      case value
      when String then text(value, name)
      when Symbol then text(value.name, name)
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
      when String then text(key, name, key)
      when Symbol then text(key.name, name, key.name)
      when nil then "null"
      when Integer, Float, true, false then key.to_s
      else raise Refused.new(Status::JSON, "a key in #{name ? name.inspect : "the event"}: #{described(key)}, text is expected")
      end
    end

    # The text in UTF-8; key is what its name ends with where it is a key itself.
    def text(value, name, key = nil)
      binary = value.encoding == Encoding::BINARY
      value = binary ? String.new(value, encoding: Encoding::UTF_8) : value.encode(Encoding::UTF_8)
      return value if value.valid_encoding?

      raise Refused.new(Status::UTF8, "field #{place(name, key).inspect}: text that is not UTF-8, UTF-8 is expected")
    rescue EncodingError
      raise Refused.new(Status::UTF8, "field #{place(name, key).inspect}: text that has no UTF-8, UTF-8 is expected")
    end

    # A name for an error, whatever its parts are encoded in.
    def place(*parts)
      parts.compact.map { |part| part.encoding == Encoding::UTF_8 ? part.scrub : part.b.inspect[1..-2] }.join(".")
    end

    def whole(value, name)
      return value if WHOLE.cover?(value)

      raise Refused.new(Status::JSON, "field #{name.inspect}: a whole number of #{value.bit_length} bits, 64 are expected")
    end

    def described(value)
      return "nil" if NilClass === value

      name = Kernel.instance_method(:class).bind_call(value).name || "object"
      name.match?(/\A[AEIOUaeiou]/) ? "an #{name}" : "a #{name}"
    end
  end
end
