import assert from "node:assert/strict";
import { all, refused, watched } from "../lib/suite.mjs";
import { fast } from "../lib/world.mjs";

const password = "Conformance-2026";
const wanted = ({ one }) => ({
  location: one.location,
  tags: { purpose: "conformance" },
  sku: { name: "Standard_D2ds_v5", tier: "GeneralPurpose" },
  administratorLogin: "cfadmin",
  administratorLoginPassword: password,
  storage: { storageSizeGB: 32 },
  createMode: "Create",
});

export function define(suite) {
  suite.group("PostgreSQL, write", (check) => {
    check("a server is created: 202 with both operation URLs, polled to Ready", async (world) => {
      const seen = watched();
      const made = await world.postgres.servers.beginCreateOrUpdateAndWait(world.group, world.name("one"), wanted(world), { ...fast, ...seen.options });
      assert.equal(seen.first.status, 202);
      assert.match(seen.first.headers.get("azure-asyncoperation"), /\/azureAsyncOperation\//);
      assert.match(seen.first.headers.get("location"), /\/operationResults\//);
      assert.deepEqual([made.name, made.state, made.replica.role, made.administratorLogin], [world.name("one"), "Ready", "Primary", "cfadmin"]);
      assert.deepEqual([made.storage.storageSizeGB, made.storage.tier, made.network.publicNetworkAccess], [32, "P4", "Enabled"]);
    });

    check("its name has an address", async ({ sandbox, name, resolver }) => {
      assert.match((await resolver().resolve4(`${name("one")}.postgres.database.azure.com`))[0], new RegExp(`^${sandbox.dns.address.split(".").slice(0, 2).join("\\.")}\\.1\\.`));
    });

    check("its name is taken from now on, everywhere", async (world) => {
      assert.equal((await world.postgres.nameAvailability.checkGlobally({ name: world.name("one") })).reason, "AlreadyExists");
      await refused(() => world.postgres.servers.beginCreateOrUpdate(world.two.resourceGroup, world.name("one"), wanted(world), fast), 409, "ServerNameAlreadyExists");
    });

    check("without a password no server is created", (world) => {
      const { administratorLoginPassword, ...without } = wanted(world);
      return refused(() => world.postgres.servers.beginCreateOrUpdate(world.group, world.name("none"), without, fast), 400, "MissingRequiredParameter");
    });

    check("a weak password is refused", (world) =>
      refused(() => world.postgres.servers.beginCreateOrUpdate(world.group, world.name("none"), { ...wanted(world), administratorLoginPassword: "password" }, fast), 400, "PasswordNotComplex"));

    check("an unknown compute size is refused", (world) =>
      refused(() => world.postgres.servers.beginCreateOrUpdate(world.group, world.name("none"), { ...wanted(world), sku: { name: "Standard_Z9", tier: "GeneralPurpose" } }, fast), 400, "InvalidParameterValue"));

    check("a server cannot move to another location", (world) =>
      refused(() => world.postgres.servers.beginCreateOrUpdate(world.group, world.name("one"), { ...wanted(world), location: world.two.location }, fast), 409, "InvalidResourceLocation"));

    check("tags are changed by PATCH", async ({ postgres, group, name }) => {
      assert.deepEqual((await postgres.servers.beginUpdateAndWait(group, name("one"), { tags: { purpose: "conformance", step: "2" } }, fast)).tags, { purpose: "conformance", step: "2" });
    });

    check("storage grows", async ({ postgres, group, name }) => {
      const changed = await postgres.servers.beginUpdateAndWait(group, name("one"), { storage: { storageSizeGB: 64 } }, fast);
      assert.deepEqual([changed.storage.storageSizeGB, changed.storage.tier], [64, "P6"]);
    });

    check("storage does not shrink", ({ postgres, group, name }) => refused(() => postgres.servers.beginUpdate(group, name("one"), { storage: { storageSizeGB: 32 } }, fast), 400, "InvalidParameterValue"));

    check("compute is changed", async ({ postgres, group, name }) => {
      const changed = await postgres.servers.beginUpdateAndWait(group, name("one"), { sku: { name: "Standard_D4ds_v5", tier: "GeneralPurpose" } }, fast);
      assert.deepEqual([changed.sku.name, changed.state], ["Standard_D4ds_v5", "Ready"]);
    });

    check("backup and password are changed", async ({ postgres, group, name }) => {
      const changed = await postgres.servers.beginUpdateAndWait(group, name("one"), { administratorLoginPassword: `${password}!`, backup: { backupRetentionDays: 9 } }, fast);
      assert.deepEqual([changed.backup.backupRetentionDays, changed.administratorLoginPassword], [9, undefined]);
    });

    check("a database is created, listed and dropped", async ({ postgres, group, name }) => {
      const made = await postgres.databases.beginCreateAndWait(group, name("one"), "shop", { charset: "UTF8", collation: "en_US.utf8" }, fast);
      assert.deepEqual([made.name, made.charset, made.collation], ["shop", "UTF8", "en_US.utf8"]);
      assert.ok((await all(postgres.databases.listByServer(group, name("one")))).some((database) => database.name === "shop"));
      await postgres.databases.beginDeleteAndWait(group, name("one"), "shop", fast);
      await refused(postgres.databases.get(group, name("one"), "shop"), 404, "ResourceNotFound");
    });

    check("a system database stays", ({ postgres, group, name }) => refused(() => postgres.databases.beginDelete(group, name("one"), "postgres", fast), 400, "OperationNotAllowed"));

    check("a firewall rule is created, changed, listed and deleted", async ({ postgres, group, name }) => {
      const made = await postgres.firewallRules.beginCreateOrUpdateAndWait(group, name("one"), "office", { startIpAddress: "198.51.100.1", endIpAddress: "198.51.100.9" }, fast);
      assert.deepEqual([made.name, made.startIpAddress, made.endIpAddress], ["office", "198.51.100.1", "198.51.100.9"]);
      await postgres.firewallRules.beginCreateOrUpdateAndWait(group, name("one"), "office", { startIpAddress: "198.51.100.1", endIpAddress: "198.51.100.20" }, fast);
      assert.deepEqual((await all(postgres.firewallRules.listByServer(group, name("one")))).map((rule) => [rule.name, rule.endIpAddress]), [["office", "198.51.100.20"]]);
      await postgres.firewallRules.beginDeleteAndWait(group, name("one"), "office", fast);
      await refused(postgres.firewallRules.get(group, name("one"), "office"), 404, "ResourceNotFound");
    });

    check("a firewall rule whose end lies before its start is refused", ({ postgres, group, name }) =>
      refused(() => postgres.firewallRules.beginCreateOrUpdate(group, name("one"), "office", { startIpAddress: "198.51.100.9", endIpAddress: "198.51.100.1" }, fast), 400, "InvalidParameterValue"));

    check("a parameter is changed by PATCH and by PUT", async ({ postgres, group, name }) => {
      const changed = await postgres.configurations.beginUpdateAndWait(group, name("one"), "work_mem", { value: "8192", source: "user-override" }, fast);
      assert.deepEqual([changed.value, changed.source, changed.isConfigPendingRestart], ["8192", "user-override", false]);
      assert.equal((await postgres.configurations.beginPutAndWait(group, name("one"), "work_mem", { value: "16384", source: "user-override" }, fast)).value, "16384");
      assert.equal((await postgres.configurations.get(group, name("one"), "work_mem")).value, "16384");
    });

    check("a static parameter waits for the restart", async ({ postgres, group, name }) => {
      const before = await postgres.configurations.get(group, name("one"), "max_connections");
      const changed = await postgres.configurations.beginUpdateAndWait(group, name("one"), "max_connections", { value: String(Number(before.value) + 7), source: "user-override" }, fast);
      assert.equal(changed.isConfigPendingRestart, true);
      await postgres.servers.beginRestartAndWait(group, name("one"), fast);
      const after = await postgres.configurations.get(group, name("one"), "max_connections");
      assert.deepEqual([after.value, after.isConfigPendingRestart], [String(Number(before.value) + 7), false]);
    });

    check("a value that is out of range is refused", ({ postgres, group, name }) =>
      refused(() => postgres.configurations.beginUpdate(group, name("one"), "work_mem", { value: "1", source: "user-override" }, fast), 400, "InvalidParameterValue"));

    check("a read-only parameter is refused", ({ postgres, group, name }) =>
      refused(() => postgres.configurations.beginUpdate(group, name("one"), "port", { value: "5433", source: "user-override" }, fast), 400, "ReadOnlyServerParameter"));

    check("a busy server is ServerIsBusy", async ({ postgres, group, name }) => {
      const poller = await postgres.servers.beginRestart(group, name("one"), fast);
      await refused(() => postgres.servers.beginRestart(group, name("one"), fast), 409, "ServerIsBusy");
      await poller.pollUntilDone();
    });

    check("a started server is not started again", ({ postgres, group, name }) => refused(() => postgres.servers.beginStart(group, name("one"), fast), 409, "ServerIsNotStopped"));

    check("a server is stopped", async ({ postgres, group, name }) => {
      await postgres.servers.beginStopAndWait(group, name("one"), fast);
      assert.equal((await postgres.servers.get(group, name("one"))).state, "Stopped");
    });

    check("a stopped server is not restarted", ({ postgres, group, name }) => refused(() => postgres.servers.beginRestart(group, name("one"), fast), 409, "ServerIsNotReady"));

    check("a stopped server still shows its parameters", async ({ postgres, group, name }) => {
      assert.equal((await postgres.configurations.get(group, name("one"), "work_mem")).value, "16384");
    });

    check("a server is started", async ({ postgres, group, name }) => {
      await postgres.servers.beginStartAndWait(group, name("one"), fast);
      assert.equal((await postgres.servers.get(group, name("one"))).state, "Ready");
    });

    check("a replica in the other location is created from its source alone", async (world) => {
      const { postgres, group, name, two, server } = world;
      const made = await postgres.servers.beginCreateOrUpdateAndWait(group, name("two"), { location: two.location, createMode: "Replica", sourceServerResourceId: server(name("one")) }, fast);
      assert.deepEqual([made.replica.role, made.replicationRole, made.sourceServerResourceId], ["GeoAsyncReplica", "GeoAsyncReplica", server(name("one"))]);
      assert.deepEqual([made.sku.name, made.storage.storageSizeGB, made.location], ["Standard_D4ds_v5", 64, "West US"]);
    });

    check("a replica in the same location is an AsyncReplica", async ({ postgres, group, name, one, server }) => {
      const made = await postgres.servers.beginCreateOrUpdateAndWait(group, name("near"), { location: one.location, createMode: "Replica", sourceServerResourceId: server(name("one")) }, fast);
      assert.equal(made.replica.role, "AsyncReplica");
    });

    check("the list of replicas has both, and they stream", async ({ postgres, group, name, streaming }) => {
      await streaming(group, name("one"), [name("near"), name("two")]);
    });

    check("a replica takes no replica of its own", ({ postgres, group, name, one, server }) =>
      refused(() => postgres.servers.beginCreateOrUpdate(group, name("third"), { location: one.location, createMode: "Replica", sourceServerResourceId: server(name("two")) }, fast), 400, "OperationNotAllowed"));

    check("a replica of an absent server is refused", ({ postgres, group, name, one, server }) =>
      refused(() => postgres.servers.beginCreateOrUpdate(group, name("third"), { location: one.location, createMode: "Replica", sourceServerResourceId: server("no-such-server") }, fast), 404, "SourceServerNotFound"));

    check("a replica smaller than its source is refused", ({ postgres, group, name, one, server }) =>
      refused(() => postgres.servers.beginCreateOrUpdate(group, name("third"), { location: one.location, createMode: "Replica", sourceServerResourceId: server(name("one")), sku: { name: "Standard_D2ds_v5", tier: "GeneralPurpose" } }, fast), 400, "InvalidParameterValue"));

    check("a database of a replica is not created", ({ postgres, group, name }) => refused(() => postgres.databases.beginCreate(group, name("two"), "shop", {}, fast), 400, "OperationNotAllowed"));

    check("a primary with replicas is not deleted", ({ postgres, group, name }) => refused(() => postgres.servers.beginDelete(group, name("one"), fast), 400, "OperationNotAllowed"));

    check("a replica is deleted (202), and is gone", async ({ postgres, group, name }) => {
      const seen = watched();
      await postgres.servers.beginDeleteAndWait(group, name("near"), { ...fast, ...seen.options });
      assert.equal(seen.first.status, 202);
      assert.ok(seen.first.headers.get("location"));
      await refused(postgres.servers.get(group, name("near")), 404, "ResourceNotFound");
    });

    check("deleting an absent server is 204", async ({ postgres, group, name }) => {
      const seen = watched();
      await postgres.servers.beginDeleteAndWait(group, name("near"), { ...fast, ...seen.options });
      assert.equal(seen.first.status, 204);
    });
  });
}
