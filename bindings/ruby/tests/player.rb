# frozen_string_literal: true

# Plays one conformance scenario and prints what it gave as JSON.
#
#     ruby player.rb SCENARIOS.json ID
#
# The scenarios have the older client's rules, which are those of Mona::Stack. Nothing is judged here.

require "json"
$LOAD_PATH.unshift(File.expand_path("../lib", __dir__))
require "mona"

# The rule is 3 s; the rest is for a loaded machine.
RELOAD_S = 20
# As the wait for the events of a scenario, only ends a hang.
FLUSH_S = 30

# A value that JSON has no words for.
class Odd
  def initialize(text)
    @text = text
  end

  def to_s
    @text
  end
end

ODD = {
  "set" => -> { Odd.new("{1}") }, "bytes" => -> { "\xff".b }, "datetime" => -> { Odd.new("2020-01-01 00:00:00") },
  "object" => -> { Object.new }, "complex" => -> { Odd.new("1j") }, "decimal" => -> { Rational(3, 2) },
  "mapping" => -> { Struct.new(:a).new(1) }
}.freeze

SPECIAL = {
  "$float" => ->(name) { { "NaN" => Float::NAN, "Infinity" => Float::INFINITY, "-Infinity" => -Float::INFINITY }[name] },
  "$int" => ->(digits) { Integer(digits) },
  # Lone surrogates, as bytes that UTF-8 does not have.
  "$utf16" => ->(units) { units.pack("U*").force_encoding("UTF-8") },
  "$nest" => lambda { |nest|
    (1..nest["depth"]).reduce(value(nest["leaf"])) { |inner, _| nest["kind"] == "list" ? [inner] : { "k" => inner } }
  },
  "$repeat" => ->(given) { given["s"] * given["n"] },
  "$json_text" => ->(text) { JSON.parse(text, max_nesting: false, allow_nan: true) },
  "$map" => ->(pairs) { pairs.to_h { |key, inner| [key, value(inner)] } },
  "$nonjson" => ->(kind) { ODD.fetch(kind).call }
}.freeze

def value(given)
  return given.map { |item| value(item) } if given.is_a?(Array)
  return given unless given.is_a?(Hash)

  special = given.size == 1 && SPECIAL[given.keys.first]
  special ? special.call(given.values.first) : given.transform_values { |inner| value(inner) }
end

# Another thread of the scenario, doing what it is told.
class Worker
  def initialize(client, inherits)
    @jobs = Queue.new
    @answers = Queue.new
    id = client.stack.id
    @thread = Thread.new do
      scope = nil
      client.stack = Mona::Stack::EMPTY # newer versions of Ruby inherit, the older client does not
      if inherits
        _, client.stack, scope = Mona::Stack::EMPTY.enter(client, nil, id, nil)
      end
      @answers << nil
      while (job = @jobs.pop)
        @answers << job.call
      end
      _, client.stack = client.stack.leave(scope) if scope
    end
    @answers.pop
  end

  def call(job)
    @jobs << job
    @answers.pop
  end

  def end
    @jobs << nil
    @thread.join
  end
end

# The operations of a scenario.
class Player
  attr_reader :workers

  def initialize
    @workers = {}
    @scopes = {}
  end

  def perform(one)
    before = accepted
    job = proc do
      { "ok" => public_send(one["op"], one) }
    rescue Mona::Error => e
      { "err" => e.class.name, "detail" => e.message }
    end
    worker = @workers[one["thread"]]
    seen = worker ? worker.call(job) : job.call
    seen.merge("emits" => accepted - before)
  end

  def client
    @client ||= Mona.client
  end

  def init_client(one)
    @client ? Mona.init : (Mona.init(**one["params"].transform_keys(&:to_sym)) && client)
    nil
  end

  def init(one)
    moved(*client.stack.open(client, value(one["arc_class"]), id_of(one["context_id"]), time(one)))
    client.id
  end

  def init_sub_context(one)
    opened = moved(*client.stack.open_sub(client, value(one["arc_class"]), id_of(one["sub_context_id"])))
    opened && !client.disabled? ? sub_id(one["sub_context_id"]) : ""
  end

  def close_sub_context(one)
    moved(*client.stack.close_sub(id_of(one["sub_context_id"])))
    client.id
  end

  def new_context_enter(one)
    entered(one, client.stack.enter(client, value(one["arc_class"]), id_of(one["context_id"]), time(one)))
    client.id
  end

  def new_sub_context_enter(one)
    opened = entered(one, client.stack.enter_sub(client, value(one["arc_class"]), id_of(one["sub_context_id"])))
    opened && !client.disabled? ? sub_id(one["sub_context_id"]) : ""
  end

  def new_context_exit(one)
    moved(*client.stack.leave(@scopes.delete(one["handle"])))
    false
  end
  alias new_sub_context_exit new_context_exit

  def get_full_context_id(_one)
    client.id
  end

  def reset(_one)
    moved(*client.stack.reset)
    nil
  end

  def export(one)
    taken = client.export_at(time(one), value(one["message"]))
    taken || nil
  rescue Mona::Error => e
    raise unless quiet?(e.status)
  end

  def export_batch(one)
    return "" if client.disabled?

    status, client.stack = Mona::Batch.from_stack(client, client.stack, value(one["events"]))
    raise Mona::Error.of(status) unless status.zero?

    nil
  end

  def set_global_init_message(one)
    client.globals = value(one["message"]) unless one["message"].nil?
    nil
  rescue Mona::Error => e
    raise unless quiet?(e.status)
  end

  def set_disabled(one)
    one["disabled"] ? client.disable : client.enable
    nil
  end

  def close(_one)
    client.close
    nil
  end

  def sleep(one)
    Kernel.sleep(one["seconds"] || one["ms"].to_f / 1000)
  end

  def thread_start(one)
    @workers[one["new"]] = Worker.new(client, one["kind"] == "inherit")
    nil
  end

  def thread_join(one)
    @workers.delete(one["target"]).end
    nil
  end

  def write_config(one)
    path = ENV.fetch("MONA_CLIENT_CONFIG_FILE")
    before = client.stats.config_reloads
    target = one["rename"] ? "#{path}.fresh" : path
    if one["delete"]
      File.delete(path)
    else
      File.write(target, one["content"])
      File.rename(target, path) if target != path
    end
    deadline = Time.now + RELOAD_S
    Kernel.sleep(0.02) while client.stats.config_reloads == before && Time.now < deadline
    nil
  end

  private

  # To the older client true is 1.
  def time(one)
    given = value(one["export_timestamp"])
    given == true ? 1 : given
  end

  # What the older client says in its log alone.
  def quiet?(status)
    [3, 2, 7, 4, 5, 6].include?(status)
  end

  def moved(status, to, _scope = nil)
    client.stack = to
    raise Mona::Error.of(status) unless status.zero? || quiet?(status)

    status.zero?
  end

  def entered(one, answer)
    status, to, scope = answer
    @scopes[one["handle"]] = scope
    moved(status, to)
  end

  def id_of(given)
    given && value(given).to_s
  end

  def sub_id(given)
    text = id_of(given).to_s
    text.empty? ? client.id.split(".", -1).last.to_s : text
  end

  def accepted
    @client ? @client.stats.accepted : 0
  end
end

def main
  path, name = ARGV
  scenario = JSON.parse(File.read(path), max_nesting: false)["scenarios"].find { |one| one["id"] == name }
  started = Time.now.to_i
  player = Player.new
  results = scenario["ops"].map { |one| player.perform(one) }
  player.workers.each_value(&:end)
  client = player.client
  client.flush(FLUSH_S)
  records = []
  while (text = client.take_text).first.zero?
    records << text.last
  end
  puts JSON.generate({ "implementation" => "ruby", "results" => results, "records" => records, "stats" => client.stats.to_h,
                       "started" => started, "ended" => Time.now.to_i }, max_nesting: 0)
end

main
