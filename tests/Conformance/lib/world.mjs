import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Resolver } from "node:dns/promises";
import { Agent, request } from "node:https";
import { ClientSecretCredential } from "@azure/identity";
import { PostgreSQLManagementFlexibleServerClient } from "@azure/arm-postgresql-flexible";
import { TrafficManagerManagementClient } from "@azure/arm-trafficmanager";
import { ResourceManagementClient } from "@azure/arm-resources";
import { ManagementLockClient } from "@azure/arm-locks";

export const scope = "https://management.azure.com/.default";

/** A running sandbox as Microsoft's clients see it: they get its addresses, and nothing else differs from Azure. */
export class World {
  constructor(sandbox) {
    this.sandbox = sandbox;
    this.run = randomBytes(3).toString("hex");
    this.subscription = `/subscriptions/${sandbox.subscriptionId}`;
    this.group = `conformance-${this.run}-rg`;
    [this.one, this.two] = sandbox.regions;
    this.credential = new ClientSecretCredential(sandbox.tenantId, sandbox.clientId, sandbox.clientSecret, this.identityOptions);
    this.postgres = this.client(PostgreSQLManagementFlexibleServerClient);
    this.traffic = this.client(TrafficManagerManagementClient);
    this.resources = this.client(ResourceManagementClient);
    this.locks = this.client(ManagementLockClient);
  }

  static async open(path) {
    return new World(JSON.parse(await readFile(path, "utf8")));
  }

  /** The authority is not one of Microsoft's clouds, so there is no instance discovery to ask. */
  get identityOptions() {
    return { authorityHost: this.sandbox.authority, disableInstanceDiscovery: true };
  }

  /** The audience is Azure's own; the clients would else ask for a token for the endpoint's address. */
  client(type, options = {}, credential = this.credential, subscription = this.sandbox.subscriptionId) {
    return new type(credential, subscription, { endpoint: this.sandbox.arm, credentialScopes: scope, ...options });
  }

  /** A name of this run alone. */
  name = (text) => `cf-${text}-${this.run}`;

  /** Id of a server; in this run's group unless another is named. */
  server = (name, group = this.group) => `${this.subscription}/resourceGroups/${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;

  get primary() {
    return this.one.servers[0].name;
  }

  get replica() {
    return this.two.servers[0].name;
  }

  /** Asks the sandbox's DNS. */
  resolver = () => {
    const resolver = new Resolver();
    resolver.setServers([`${this.sandbox.dns.address}:${this.sandbox.dns.port}`]);
    return resolver;
  };

  /** A policy for clients whose host is a name of Azure: connections go where the sandbox's DNS says, certificates are checked as ever. */
  named = () => {
    const agent = (this.agent ??= new Agent({
      keepAlive: true,
      lookup: (host, options, done) =>
        this.resolver().resolve4(host).then(
          (addresses) => (options.all ? done(null, addresses.map((address) => ({ address, family: 4 }))) : done(null, addresses[0], 4)),
          (error) => done(error)),
    }));
    return {
      name: "sandboxNames",
      sendRequest: (call, next) => {
        call.agent = agent;
        return next(call);
      },
    };
  };

  /** Waits until a server has exactly these replicas and all of them stream. */
  streaming = async (group, server, replicas) => {
    let seen;
    for (let attempt = 0; attempt < 200; attempt++) {
      seen = [];
      for await (const item of this.postgres.replicas.listByServer(group, server)) seen.push(`${item.name} ${item.replica.replicationState}`);
      if (seen.sort().join() === replicas.map((name) => `${name} Active`).sort().join()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }

    assert.fail(`Not within 10 s: ${replicas.join()} stream from ${server}; seen: ${seen.join()}`);
  };

  /** The sandbox's control: faults only, never what a client of Azure would ask. */
  control = async (method, path, body) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    return await new Promise((resolve, reject) => {
      const call = request(this.sandbox.control + path, { method, headers: { authorization: `Bearer ${this.sandbox.controlKey}`, "content-type": "application/json", "content-length": Buffer.byteLength(text) } }, (answer) => {
        let content = "";
        answer.setEncoding("utf8").on("data", (part) => (content += part)).on("end", () => {
          if (answer.statusCode >= 300) reject(new Error(`${method} ${path}: ${answer.statusCode} ${content}`));
          else resolve(content ? JSON.parse(content) : undefined);
        });
      });
      call.on("error", reject);
      call.end(text);
    });
  };
}

/** Long-running operations are asked for at once and often: the sandbox has no modelled durations here. */
export const fast = { updateIntervalInMs: 20 };
