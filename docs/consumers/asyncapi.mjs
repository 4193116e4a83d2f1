// Reads an AsyncAPI document with the project's own parser: node asyncapi.mjs FILE
import asyncapi from "@asyncapi/parser";
import { fromFile } from "@asyncapi/parser/cjs/from.js";

const parser = new asyncapi.Parser();
const { document, diagnostics } = await fromFile(parser, process.argv[2]).parse();
const errors = diagnostics.filter(({ severity }) => severity === 0);
errors.forEach(({ message, path }) => console.error(`${path.join(".")}: ${message}`));
if (!document || errors.length > 0) process.exit(1);
console.log(document.allChannels().all().map((channel) => channel.address()).join("\n"));
