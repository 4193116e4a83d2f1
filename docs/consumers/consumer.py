"""Prints each article with its entities, and tells which records are missing and which came twice.

Usage: consumer.py BOOTSTRAP TOPIC [RECORDS]; without RECORDS it goes on for ever.
"""

import json
import sys
from collections import defaultdict

from confluent_kafka import Consumer, KafkaException


def tell_missing(seen):
    """The holes between the numbers; what is before the first number that is still there has expired."""
    for store, (done, numbers) in seen.items():
        if numbers:
            first = done + 1 if done else min(numbers)
            for number in sorted(set(range(first, max(numbers))) - numbers):
                print(f"missing {store}:{number}")
            seen[store] = (max(numbers), set())


def main(bootstrap, topic, records="inf"):
    consumer = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": f"example-python-{topic}",
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
    })
    consumer.subscribe([topic])
    count, seen = 0, defaultdict(lambda: (0, set()))
    while count < float(records):
        message = consumer.poll(5)
        if message is None:  # a pause: whatever has not come by now is missing
            tell_missing(seen)
            continue
        if message.error():
            raise KafkaException(message.error())
        count += 1
        store, number = dict(message.headers())["wireroom_seq"].decode().split(":")
        done, numbers = seen[store]
        if int(number) <= done or int(number) in numbers:
            print(f"repeated {store}:{number}")
        numbers.add(int(number))
        if message.value() is None:  # the article was erased
            continue
        article = json.loads(message.value())
        entities = ", ".join(f"{e['name']} {e['wikidata'] or '-'}" for e in article["entities"])
        print(f"{article['title'] or ''} [{entities}]", flush=True)
    tell_missing(seen)
    consumer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
