// Prints each article with its entities, and tells which records are missing and which came twice.
// Usage: java -cp 'libs/*' Consumer.java BOOTSTRAP TOPIC [RECORDS]; without RECORDS it goes on for ever.
// The class path holds org.apache.kafka:kafka-clients and com.fasterxml.jackson.core:jackson-databind.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.*;
import java.util.stream.*;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.*;

class Consumer {
  /** What was seen of a store since the last pause, and up to where all was looked at before. */
  static class Seen { long done = 0; final TreeSet<Long> numbers = new TreeSet<>(); }

  public static void main(String[] args) throws Exception {
    long wanted = args.length > 2 ? Long.parseLong(args[2]) : Long.MAX_VALUE;
    Map<String, Object> settings = Map.of("bootstrap.servers", args[0], "group.id", "example-java-" + args[1],
        "isolation.level", "read_committed", "auto.offset.reset", "earliest");
    Map<String, Seen> seen = new TreeMap<>();
    var json = new ObjectMapper();
    try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(args[1]));
      for (long count = 0; count < wanted; ) {
        var records = consumer.poll(Duration.ofSeconds(5));
        if (records.isEmpty()) tellMissing(seen); // a pause: whatever has not come by now is missing
        for (var record : records) {
          count++;
          String sequence = new String(record.headers().lastHeader("wireroom_seq").value());
          String store = sequence.split(":")[0];
          long number = Long.parseLong(sequence.split(":")[1]);
          Seen of = seen.computeIfAbsent(store, s -> new Seen());
          if (number <= of.done || !of.numbers.add(number)) System.out.println("repeated " + sequence);
          if (record.value() == null) continue; // the article was erased
          JsonNode article = json.readTree(record.value());
          String entities = StreamSupport.stream(article.get("entities").spliterator(), false)
              .map(e -> e.get("name").asText() + " " + e.get("wikidata").asText("-"))
              .collect(Collectors.joining(", "));
          System.out.println(article.get("title").asText("") + " [" + entities + "]");
        }
      }
    }
    tellMissing(seen);
  }

  /** The holes between the numbers; what is before the first number that is still there has expired. */
  static void tellMissing(Map<String, Seen> seen) {
    seen.forEach((store, of) -> {
      if (of.numbers.isEmpty()) return;
      long first = of.done == 0 ? of.numbers.first() : of.done + 1;
      LongStream.range(first, of.numbers.last()).filter(n -> !of.numbers.contains(n))
          .forEach(n -> System.out.println("missing " + store + ":" + n));
      of.done = of.numbers.last();
      of.numbers.clear();
    });
  }
}
