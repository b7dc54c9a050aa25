import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's own producer, for batches that none of our libraries has compressed. Arguments: the brokers, then for each topic
 * `topic:codec:records`, or `topic:codec:zeros:bytes` for one record of so many zeros.
 */
class ProduceCompressed {
  public static void main(String[] arguments) throws Exception {
    for (String argument : Arrays.copyOfRange(arguments, 1, arguments.length)) {
      String[] parts = argument.split(":");
      Properties settings = new Properties();
      settings.put("bootstrap.servers", arguments[0]);
      settings.put("compression.type", parts[1]);
      settings.put("linger.ms", "500");
      settings.put("batch.size", "131072");
      settings.put("buffer.memory", "400000000");
      settings.put("max.request.size", "300000000");
      try (var producer =
          new KafkaProducer<byte[], byte[]>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
        if (parts[2].equals("zeros")) {
          producer.send(new ProducerRecord<>(parts[0], 0, null, new byte[Integer.parseInt(parts[3])])).get();
          continue;
        }
        for (int record = 0; record < Integer.parseInt(parts[2]); record++) {
          String value = record + " " + "\u00e9v\u00e9nement/".repeat(record % 40);
          producer.send(new ProducerRecord<>(parts[0], 0, null, value.getBytes("UTF-8")));
        }
      }
    }
  }
}
