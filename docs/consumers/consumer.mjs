// Prints each article with its entities, and tells which records are missing and which came twice.
// Usage: node consumer.mjs BOOTSTRAP TOPIC [RECORDS]; without RECORDS it goes on for ever.

import { decompress } from "fzstd";
import kafkajs from "kafkajs";

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;
// wireroom compresses with zstd, which kafkajs leaves to others.
CompressionCodecs[CompressionTypes.ZSTD] = () => ({ decompress: async (bytes) => Buffer.from(decompress(bytes)) });

const [bootstrap, topic, records = "Infinity"] = process.argv.slice(2);
const seen = new Map(); // store → what was seen since the last pause, and up to where all was looked at before
let count = 0;
let latest = Date.now();

// The holes between the numbers; what is before the first number that is still there has expired.
function tellMissing() {
  for (const [store, of] of seen) {
    if (of.numbers.size === 0) continue;
    const numbers = [...of.numbers].sort((a, b) => a - b);
    const last = numbers.at(-1);
    for (let n = of.done ? of.done + 1 : numbers[0]; n < last; n++) {
      if (!of.numbers.has(n)) console.log(`missing ${store}:${n}`);
    }
    seen.set(store, { done: last, numbers: new Set() });
  }
}

const kafka = new Kafka({ brokers: bootstrap.split(","), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `example-js-${topic}`, readUncommitted: false });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
// A pause: whatever has not come by now is missing.
const pause = setInterval(() => Date.now() - latest > 5000 && tellMissing(), 1000);

await new Promise((done) => consumer.run({
  eachMessage: async ({ message }) => {
    if (count >= Number(records)) return;
    latest = Date.now();
    const [store, number] = message.headers.wireroom_seq.toString().split(":");
    if (!seen.has(store)) seen.set(store, { done: 0, numbers: new Set() });
    const of = seen.get(store);
    if (Number(number) <= of.done || of.numbers.has(Number(number))) console.log(`repeated ${store}:${number}`);
    of.numbers.add(Number(number));
    if (message.value !== null) { // null: the article was erased
      const article = JSON.parse(message.value.toString());
      const entities = article.entities.map((e) => `${e.name} ${e.wikidata ?? "-"}`).join(", ");
      console.log(`${article.title ?? ""} [${entities}]`);
    }
    if (++count >= Number(records)) done();
  },
}));
tellMissing();
clearInterval(pause);
await consumer.disconnect();
