// Microsoft's SDKs against a running sandbox: node run.mjs SANDBOX.JSON [--only TEXT] [--results FILE] | --list
// The sandbox's CA is trusted by node's own setting: NODE_EXTRA_CA_CERTS=<caCertificate of sandbox.json>.
import { writeFile } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { Suite } from "./lib/suite.mjs";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { list: { type: "boolean" }, only: { type: "string", default: "" }, results: { type: "string" } } });

const suite = new Suite();
for (const file of readdirSync(new URL("checks/", import.meta.url)).sort()) {
  const { define } = await import(new URL(`checks/${file}`, import.meta.url));
  define(suite);
}

if (values.list) {
  console.log(suite.names.join("\n"));
} else if (positionals.length !== 1) {
  console.error("usage: node run.mjs SANDBOX.JSON [--only TEXT] [--results FILE] | --list");
  process.exitCode = 2;
} else {
  const { World } = await import("./lib/world.mjs");
  const world = await World.open(positionals[0]);
  const results = await suite.run(world, values.only, (result) =>
    console.log(`${result.passed ? "ok    " : "FAILED"} ${result.name} (${result.milliseconds} ms)${result.error ? `\n       ${result.error}` : ""}`));
  if (values.results) await writeFile(values.results, JSON.stringify(results, null, 1));
  const passed = results.filter((result) => result.passed).length;
  console.log(`conformance: ${passed} passed, ${results.length - passed} failed`);
  // Keep-alive sockets and timers of the clients would hold the process.
  process.exit(passed === results.length && passed > 0 ? 0 : 1);
}
