"""Reads a topic with the deserialisers of Confluent's client, which ask the registry for the schema, and prints each value.

Usage: read.py BOOTSTRAP TOPIC REGISTRY json|avro RECORDS
"""

import json
import sys

from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

bootstrap, topic, url, kind, records = sys.argv[1:]
registry = SchemaRegistryClient({"url": url})
read = AvroDeserializer(registry) if kind == "avro" else JSONDeserializer(None, schema_registry_client=registry)
consumer = Consumer({
    "bootstrap.servers": bootstrap,
    "group.id": f"registry-{topic}",
    "isolation.level": "read_committed",
    "auto.offset.reset": "earliest",
})
consumer.subscribe([topic])
count = 0
while count < int(records):
    message = consumer.poll(30)
    if message is None or message.error():
        sys.exit(f"nothing comes: {message and message.error()}")
    count += 1
    context = SerializationContext(topic, MessageField.VALUE, message.headers())
    value = message.value()
    print(json.dumps(None if value is None else read(value, context)), flush=True)
consumer.close()
