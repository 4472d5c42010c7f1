import assert from "node:assert/strict";
import * as first from "arm-postgresql-flexible-2022-12-01";
import * as middle from "arm-postgresql-flexible-2024-08-01";
import { all, refused, watched } from "../lib/suite.mjs";
import { fast } from "../lib/world.mjs";

const client = (module) => (module.default ?? module).PostgreSQLManagementFlexibleServerClient ?? module.PostgreSQLManagementFlexibleServerClient;
const version = (seen) => new URL(seen.first.request.url).searchParams.get("api-version");

export function define(suite) {
  suite.group("PostgreSQL 2024-08-01", (check) => {
    const of = (world) => (world.middle ??= world.client(client(middle)));

    check("its client asks with its version", async (world) => {
      const seen = watched();
      assert.equal((await of(world).servers.get(world.one.resourceGroup, world.primary, seen.options)).replica.role, "Primary");
      assert.equal(version(seen), "2024-08-01");
    });

    check("servers and replicas are listed", async (world) => {
      assert.ok((await all(of(world).servers.list())).length >= 2);
      assert.deepEqual((await all(of(world).replicas.listByServer(world.one.resourceGroup, world.primary))).map((item) => item.replica.replicationState), ["Active"]);
    });

    check("capabilities of a location and of a server", async (world) => {
      assert.ok((await all(of(world).locationBasedCapabilities.listExecute(world.one.location)))[0].supportedServerEditions.length === 3);
      assert.ok((await all(of(world).serverCapabilities.list(world.one.resourceGroup, world.primary))).length === 1);
    });

    check("names are checked", async (world) => {
      assert.equal((await of(world).checkNameAvailability.execute({ name: world.primary, type: "Microsoft.DBforPostgreSQL/flexibleServers" })).nameAvailable, false);
      assert.equal((await of(world).checkNameAvailabilityWithLocation.execute(world.one.location, { name: world.name("free"), type: "Microsoft.DBforPostgreSQL/flexibleServers" })).nameAvailable, true);
    });

    check("a parameter is changed by PUT", async (world) => {
      const { group, name } = world;
      assert.equal((await of(world).configurations.beginPutAndWait(group, name("two"), "work_mem", { value: "9000", source: "user-override" }, fast)).value, "9000");
    });

    check("a replica is created and switched over in small letters", async (world) => {
      const { group, name, one, server } = world;
      const servers = of(world).servers;
      await servers.beginCreateAndWait(group, name("m"), { location: one.location, createMode: "Replica", sourceServerResourceId: server(name("two")) }, fast);
      await of(world).virtualEndpoints.beginCreateAndWait(group, name("two"), name("mve"), { endpointType: "ReadWrite", members: [name("m")] }, fast);
      const promoted = await servers.beginUpdateAndWait(group, name("m"), { replica: { role: "Primary", promoteMode: "switchover", promoteOption: "planned" } }, fast);
      assert.equal(promoted.replica.role, "Primary");
      assert.equal((await servers.get(group, name("two"))).replica.role, "GeoAsyncReplica");
    });

    check("the other one is promoted standalone in small letters", async (world) => {
      const promoted = await of(world).servers.beginUpdateAndWait(world.group, world.name("two"), { replica: { role: "None", promoteMode: "standalone", promoteOption: "forced" } }, fast);
      assert.deepEqual([promoted.replica.role, promoted.replica.capacity], ["None", 0]);
    });
  });

  suite.group("PostgreSQL 2022-12-01", (check) => {
    const of = (world) => (world.early ??= world.client(client(first)));

    check("its client asks with its version, and sees no replica object", async (world) => {
      const seen = watched();
      const server = await of(world).servers.get(world.two.resourceGroup, world.replica, seen.options);
      assert.equal(version(seen), "2022-12-01");
      assert.equal(server.replicationRole, "GeoAsyncReplica");
      const properties = JSON.parse(seen.raw.bodyAsText).properties;
      assert.deepEqual([properties.replica, properties.privateEndpointConnections, Object.keys(properties.storage)], [undefined, undefined, ["storageSizeGB"]]);
    });

    check("servers and replicas are listed", async (world) => {
      assert.ok((await all(of(world).servers.listByResourceGroup(world.one.resourceGroup))).some((server) => server.name === world.primary));
      assert.deepEqual((await all(of(world).replicas.listByServer(world.one.resourceGroup, world.primary))).map((server) => server.name), [world.replica]);
    });

    check("capabilities have the old shape", async (world) => {
      const [capability] = await all(of(world).locationBasedCapabilities.listExecute(world.one.location));
      assert.equal(capability.geoBackupSupported, true);
      assert.ok(capability.supportedFlexibleServerEditions.every((edition) => edition.supportedServerVersions.some((version) => version.supportedVcores.length > 0)));
    });

    check("names are checked", async (world) => {
      assert.equal((await of(world).checkNameAvailability.execute({ name: world.primary, type: "Microsoft.DBforPostgreSQL/flexibleServers" })).reason, "AlreadyExists");
      assert.equal((await of(world).checkNameAvailabilityWithLocation.execute(world.one.location, { name: world.name("free"), type: "Microsoft.DBforPostgreSQL/flexibleServers" })).nameAvailable, true);
    });

    check("the suffix of private DNS zones and the operations", async (world) => {
      assert.equal((await of(world).getPrivateDnsZoneSuffix.execute()).body, "postgres.database.azure.com");
      assert.ok((await of(world).operations.list()).value.length > 5);
    });

    check("firewall rules, databases and parameters", async (world) => {
      const { group, name } = world;
      await of(world).firewallRules.beginCreateOrUpdateAndWait(group, name("again"), "office", { startIpAddress: "198.51.100.1", endIpAddress: "198.51.100.9" }, fast);
      await of(world).firewallRules.beginDeleteAndWait(group, name("again"), "office", fast);
      assert.equal((await of(world).databases.beginCreateAndWait(group, name("again"), "early", {}, fast)).name, "early");
      assert.equal((await of(world).configurations.beginUpdateAndWait(group, name("again"), "work_mem", { value: "9001", source: "user-override" }, fast)).value, "9001");
    });

    check("a replica is created, and replicationRole None promotes it", async (world) => {
      const { group, name, two, server } = world;
      await of(world).servers.beginCreateAndWait(group, name("e"), { location: two.location, createMode: "Replica", sourceServerResourceId: server(name("again")) }, fast);
      assert.equal((await of(world).servers.get(group, name("e"))).replicationRole, "AsyncReplica");
      const promoted = await of(world).servers.beginUpdateAndWait(group, name("e"), { replicationRole: "None" }, fast);
      assert.deepEqual([promoted.replicationRole, promoted.state], ["None", "Ready"]);
    });

    check("stop, start and restart", async (world) => {
      const { group, name } = world;
      await of(world).servers.beginStopAndWait(group, name("e"), fast);
      assert.equal((await of(world).servers.get(group, name("e"))).state, "Stopped");
      await of(world).servers.beginStartAndWait(group, name("e"), fast);
      await of(world).servers.beginRestartAndWait(group, name("e"), fast);
      assert.equal((await of(world).servers.get(group, name("e"))).state, "Ready");
    });

    check("it knows no virtual endpoints", ({ resources, group, name, server }) =>
      refused(resources.resources.getById(`${server(name("e"))}/virtualEndpoints/x`, "2022-12-01"), 400, "NoRegisteredProviderFound"));

    check("it knows no replica object to promote by", ({ resources, name, server }) =>
      refused(() => resources.resources.beginUpdateByIdAndWait(server(name("e")), "2022-12-01", { properties: { replica: { promoteMode: "Standalone", promoteOption: "Planned" } } }, fast), 400, "InvalidRequestContent"));
  });
}
