import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFilterFunction;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;

/** Four keyed rules over a file of events, as a job for Flink would be written: Jackson, POJOs, event time, no state on disk. */
public class FourRules {
  static final Duration WINDOW = Duration.ofMinutes(10);
  static final Duration LATENESS = Duration.ofSeconds(30);
  static final long TOLERANCE_MS = 300_000;

  /** What the rules read of an event. */
  public static class Event {
    public long time;
    public boolean failedLogIn;
    public String ip;
    public String principal;
    public String object;
    public String token;
    public String provider;
    public long signedAt;
  }

  static class Parse extends RichMapFunction<String, Event> {
    private transient ObjectMapper mapper;
    private final LongCounter events = new LongCounter();

    @Override
    public void open(OpenContext context) {
      mapper = new ObjectMapper();
      getRuntimeContext().addAccumulator("events", events);
    }

    @Override
    public Event map(String line) throws Exception {
      JsonNode json = mapper.readTree(line);
      Event event = new Event();
      event.time = Instant.parse(json.path("time").asText()).toEpochMilli();
      event.failedLogIn = "failure".equals(json.path("auth").path("outcome").asText());
      event.ip = json.path("client").path("ip").asText(null);
      event.principal = json.path("principal").path("id").asText(null);
      event.object = json.path("object").path("id").asText(null);
      event.token = json.path("token").path("jti").asText(null);
      event.provider = json.path("webhook").path("provider").asText(null);
      event.signedAt = json.path("webhook").path("timestamp").asLong();
      events.add(1);
      return event;
    }
  }

  static class Count implements AggregateFunction<Event, Integer, Integer> {
    public Integer createAccumulator() { return 0; }
    public Integer add(Event event, Integer count) { return count + 1; }
    public Integer getResult(Integer count) { return count; }
    public Integer merge(Integer left, Integer right) { return left + right; }
  }

  /** Distinct values of a text. */
  abstract static class Distinct implements AggregateFunction<Event, HashSet<String>, Integer> {
    abstract String of(Event event);
    public HashSet<String> createAccumulator() { return new HashSet<>(); }
    public HashSet<String> add(Event event, HashSet<String> seen) { seen.add(of(event)); return seen; }
    public Integer getResult(HashSet<String> seen) { return seen.size(); }
    public HashSet<String> merge(HashSet<String> left, HashSet<String> right) { left.addAll(right); return left; }
  }

  static class Objects extends Distinct {
    String of(Event event) { return event.object; }
  }

  static class Addresses extends Distinct {
    String of(Event event) { return event.ip; }
  }

  /** Lets through what reaches the threshold, and counts it. */
  static class Alert extends RichFilterFunction<Integer> {
    private final String rule;
    private final int threshold;
    private final LongCounter alerts = new LongCounter();
    Alert(String rule, int threshold) { this.rule = rule; this.threshold = threshold; }

    @Override
    public void open(OpenContext context) { getRuntimeContext().addAccumulator(rule, alerts); }

    @Override
    public boolean filter(Integer value) {
      if (value < threshold) return false;
      alerts.add(1);
      return true;
    }
  }

  public static void main(String[] arguments) throws Exception {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(Integer.parseInt(arguments[1]), new Configuration());
    env.getConfig().enableObjectReuse();
    FileSource<String> source =
        FileSource.forRecordStreamFormat(new TextLineInputFormat(), new Path(arguments[0])).build();
    DataStream<Event> events =
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "file")
            .map(new Parse())
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Event>forBoundedOutOfOrderness(LATENESS)
                    .withTimestampAssigner((event, before) -> event.time));

    events.filter(event -> event.failedLogIn && event.ip != null).keyBy(event -> event.ip)
        .window(TumblingEventTimeWindows.of(WINDOW)).aggregate(new Count())
        .filter(new Alert("failed_log_ins", 25)).sinkTo(new DiscardingSink<>());
    events.filter(event -> event.principal != null && event.object != null).keyBy(event -> event.principal)
        .window(TumblingEventTimeWindows.of(WINDOW)).aggregate(new Objects())
        .filter(new Alert("distinct_objects", 60)).sinkTo(new DiscardingSink<>());
    events.filter(event -> event.token != null && event.ip != null).keyBy(event -> event.token)
        .window(TumblingEventTimeWindows.of(WINDOW)).aggregate(new Addresses())
        .filter(new Alert("distinct_addresses", 2)).sinkTo(new DiscardingSink<>());
    events.filter(event -> event.provider != null && Math.abs(event.time - event.signedAt) > TOLERANCE_MS)
        .keyBy(event -> event.provider)
        .window(TumblingEventTimeWindows.of(WINDOW)).aggregate(new Count())
        .filter(new Alert("skewed_webhooks", 5)).sinkTo(new DiscardingSink<>());

    JobExecutionResult result = env.execute("four rules");
    System.out.println("{\"events\":" + result.getAccumulatorResult("events")
        + ",\"alerts\":{\"failed_log_ins\":" + result.getAccumulatorResult("failed_log_ins")
        + ",\"distinct_objects\":" + result.getAccumulatorResult("distinct_objects")
        + ",\"distinct_addresses\":" + result.getAccumulatorResult("distinct_addresses")
        + ",\"skewed_webhooks\":" + result.getAccumulatorResult("skewed_webhooks")
        + "},\"ms\":" + result.getNetRuntime() + "}");
  }
}
