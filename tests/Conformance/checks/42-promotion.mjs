import assert from "node:assert/strict";
import { all, refused, watched } from "../lib/suite.mjs";
import { fast } from "../lib/world.mjs";

const promote = (mode, option) => ({ replica: { promoteMode: mode, promoteOption: option } });
const host = (name, kind) => `${name}.${kind}.postgres.database.azure.com`;

/** The writer's and the reader's name point at these servers. */
async function pointAt({ resolver, name }, writer, reader) {
  const address = async (target) => (await resolver().resolve4(target))[0];
  assert.equal(await address(host(name("ve"), "writer")), await address(`${writer}.postgres.database.azure.com`), "writer");
  assert.equal(await address(host(name("ve"), "reader")), await address(`${reader}.postgres.database.azure.com`), "reader");
}

export function define(suite) {
  suite.group("Virtual endpoints", (check) => {
    check("a server without any lists none", async ({ postgres, group, name }) => assert.deepEqual(await all(postgres.virtualEndpoints.listByServer(group, name("one"))), []));

    check("a switchover without one is refused", ({ postgres, group, name }) =>
      refused(() => postgres.servers.beginUpdate(group, name("two"), promote("Switchover", "Planned"), fast), 400, "OperationNotAllowed"));

    check("a pair is created for the primary", async ({ postgres, group, name }) => {
      const seen = watched();
      const made = await postgres.virtualEndpoints.beginCreateAndWait(group, name("one"), name("ve"), { endpointType: "ReadWrite", members: [name("one")] }, { ...fast, ...seen.options });
      assert.equal(seen.first.status, 202);
      assert.deepEqual([made.name, made.type, made.endpointType, made.members], [name("ve"), "Microsoft.DBforPostgreSQL/flexibleServers/virtualEndpoints", "ReadWrite", [name("one")]]);
      assert.deepEqual([...made.virtualEndpoints].sort(), [host(name("ve"), "reader"), host(name("ve"), "writer")]);
    });

    check("both names resolve to the primary", (world) => pointAt(world, world.name("one"), world.name("one")));

    check("its base name is taken from now on", async ({ postgres, name }) => {
      const answer = await postgres.nameAvailability.checkGlobally({ name: name("ve"), type: "Microsoft.DBforPostgreSQL/flexibleServers/virtualEndpoints" });
      assert.deepEqual([answer.nameAvailable, answer.reason], [false, "AlreadyExists"]);
    });

    check("a switchover with the reader at the primary is refused", ({ postgres, group, name }) =>
      refused(() => postgres.servers.beginUpdate(group, name("two"), promote("Switchover", "Planned"), fast), 400, "OperationNotAllowed"));

    check("PATCH moves the reader to the replica", async (world) => {
      const { postgres, group, name } = world;
      assert.deepEqual((await postgres.virtualEndpoints.beginUpdateAndWait(group, name("one"), name("ve"), { endpointType: "ReadWrite", members: [name("two")] }, fast)).members, [name("two")]);
      await pointAt(world, name("one"), name("two"));
    });

    check("it is read and listed", async ({ postgres, group, name }) => {
      assert.deepEqual((await postgres.virtualEndpoints.get(group, name("one"), name("ve"))).members, [name("two")]);
      assert.deepEqual((await all(postgres.virtualEndpoints.listByServer(group, name("one")))).map((item) => item.name), [name("ve")]);
    });

    check("a second pair of one primary is refused", ({ postgres, group, name }) =>
      refused(() => postgres.virtualEndpoints.beginCreate(group, name("one"), name("ve2"), { endpointType: "ReadWrite", members: [name("two")] }, fast), 400, "OperationNotAllowed"));

    check("a stranger is no member", ({ postgres, group, name, primary }) =>
      refused(() => postgres.virtualEndpoints.beginUpdate(group, name("one"), name("ve"), { endpointType: "ReadWrite", members: [primary] }, fast), 400, "InvalidParameterValue"));

    check("a replica has none of its own", ({ postgres, group, name }) =>
      refused(() => postgres.virtualEndpoints.beginCreate(group, name("two"), name("ve2"), { endpointType: "ReadWrite", members: [name("two")] }, fast), 400, "OperationNotAllowed"));

    check("an absent one is ResourceNotFound", ({ postgres, group, name }) => refused(postgres.virtualEndpoints.get(group, name("one"), "nobody"), 404, "ResourceNotFound"));
  });

  suite.group("Promotion", (check) => {
    check("a primary cannot be promoted", ({ postgres, group, name }) => refused(() => postgres.servers.beginUpdate(group, name("one"), promote("Standalone", "Planned"), fast), 400, "OperationNotAllowed"));

    check("an unknown mode is refused", ({ postgres, group, name }) => refused(() => postgres.servers.beginUpdate(group, name("two"), promote("Sideways", "Planned"), fast), 400, "InvalidParameterValue"));

    check("a mode without an option is refused", ({ postgres, group, name }) =>
      refused(() => postgres.servers.beginUpdate(group, name("two"), { replica: { promoteMode: "Switchover" } }, fast), 400, "MissingRequiredParameter"));

    check("a switchover needs servers of one size", async ({ postgres, group, name }) => {
      await postgres.servers.beginUpdateAndWait(group, name("two"), { storage: { storageSizeGB: 128 } }, fast);
      await refused(() => postgres.servers.beginUpdate(group, name("two"), promote("Switchover", "Planned"), fast), 400, "OperationNotAllowed");
      await postgres.servers.beginUpdateAndWait(group, name("one"), { storage: { storageSizeGB: 128 } }, fast);
    });

    check("a planned switchover swaps the roles", async ({ postgres, group, name, server }) => {
      const seen = watched();
      const promoted = await postgres.servers.beginUpdateAndWait(group, name("two"), promote("Switchover", "Planned"), { ...fast, ...seen.options });
      assert.deepEqual([seen.first.status, seen.first.parsedBody?.operation ?? JSON.parse(seen.first.bodyAsText).operation], [202, "ReadReplicaSiteSwapManagementOperation"]);
      assert.deepEqual([promoted.replica.role, promoted.replicaCapacity, promoted.sourceServerResourceId], ["Primary", 5, undefined]);
      const old = await postgres.servers.get(group, name("one"));
      assert.deepEqual([old.replica.role, old.sourceServerResourceId, old.state], ["GeoAsyncReplica", server(name("two")), "Ready"]);
    });

    check("the old primary streams from the new one", ({ group, name, streaming }) => streaming(group, name("two"), [name("one")]));

    check("the writer follows the new primary, the reader the old one", (world) => pointAt(world, world.name("two"), world.name("one")));

    check("the pair is managed through the new primary", async ({ postgres, group, name }) => {
      assert.deepEqual((await postgres.virtualEndpoints.get(group, name("two"), name("ve"))).members, [name("one")]);
      await refused(postgres.virtualEndpoints.get(group, name("one"), name("ve")), 404, "ResourceNotFound");
    });

    check("what was committed before is on both, and the new primary takes a database", async ({ postgres, group, name }) => {
      await postgres.databases.beginCreateAndWait(group, name("two"), "after", {}, fast);
      for (let attempt = 0; attempt < 100; attempt++) {
        if ((await all(postgres.databases.listByServer(group, name("one")))).some((database) => database.name === "after")) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }

      assert.fail("the old primary did not get the database");
    });

    check("a forced switchover goes back", async (world) => {
      const { postgres, group, name, server, streaming } = world;
      const promoted = await postgres.servers.beginUpdateAndWait(group, name("one"), promote("Switchover", "Forced"), fast);
      assert.equal(promoted.replica.role, "Primary");
      assert.equal((await postgres.servers.get(group, name("two"))).sourceServerResourceId, server(name("one")));
      await streaming(group, name("one"), [name("two")]);
      await pointAt(world, name("one"), name("two"));
    });

    check("a planned standalone promotion makes an independent server", async ({ postgres, group, name }) => {
      const promoted = await postgres.servers.beginUpdateAndWait(group, name("two"), promote("Standalone", "Planned"), fast);
      assert.deepEqual([promoted.replica.role, promoted.replicationRole, promoted.replica.capacity, promoted.sourceServerResourceId, promoted.state], ["None", "None", 0, undefined, "Ready"]);
    });

    check("the old primary stays one, without replicas", async ({ postgres, group, name }) => {
      assert.equal((await postgres.servers.get(group, name("one"))).replica.role, "Primary");
      assert.deepEqual(await all(postgres.replicas.listByServer(group, name("one"))), []);
    });

    check("the reader goes back to the primary, the writer stays", (world) => pointAt(world, world.name("one"), world.name("one")));

    check("both take writes: each creates a database of its own", async ({ postgres, group, name }) => {
      await postgres.databases.beginCreateAndWait(group, name("one"), "here", {}, fast);
      await postgres.databases.beginCreateAndWait(group, name("two"), "there", {}, fast);
      assert.ok(!(await all(postgres.databases.listByServer(group, name("one")))).some((database) => database.name === "there"));
    });

    check("a promoted server is not promoted again", ({ postgres, group, name }) => refused(() => postgres.servers.beginUpdate(group, name("two"), promote("Standalone", "Forced"), fast), 400, "OperationNotAllowed"));

    check("a planned promotion fails when the primary is down, and the error names why", async ({ postgres, group, name, two, server, control }) => {
      await postgres.servers.beginCreateOrUpdateAndWait(group, name("again"), { location: two.location, createMode: "Replica", sourceServerResourceId: server(name("one")) }, fast);
      await control("POST", "/faults", { fault: "DatabaseCrash", server: name("one") });
      await assert.rejects(postgres.servers.beginUpdateAndWait(group, name("again"), promote("Standalone", "Planned"), fast), /operation has failed.*PrimaryServerUnreachable/);
      assert.equal((await postgres.servers.get(group, name("again"))).replica.role, "GeoAsyncReplica");
    });

    check("a forced standalone promotion needs no primary", async ({ postgres, group, name }) => {
      const promoted = await postgres.servers.beginUpdateAndWait(group, name("again"), promote("Standalone", "Forced"), fast);
      assert.deepEqual([promoted.replica.role, promoted.state], ["None", "Ready"]);
      await postgres.databases.beginCreateAndWait(group, name("again"), "forced", {}, fast);
    });

    check("a virtual endpoint is deleted, and its names go", async ({ postgres, group, name, resolver, control }) => {
      await control("POST", "/faults", { fault: "DatabaseStart", server: name("one") });
      await postgres.virtualEndpoints.beginDeleteAndWait(group, name("one"), name("ve"), fast);
      assert.deepEqual(await all(postgres.virtualEndpoints.listByServer(group, name("one"))), []);
      await assert.rejects(resolver().resolve4(host(name("ve"), "writer")), /ENOTFOUND|ENODATA/);
    });
  });
}
