import assert from "node:assert/strict";
import { all, refused, watched } from "../lib/suite.mjs";

export function define(suite) {
  suite.group("PostgreSQL, read", (check) => {
    check("servers of the subscription are listed", async ({ postgres, primary, replica }) => {
      const names = (await all(postgres.servers.listBySubscription())).map((server) => server.name);
      assert.ok(names.includes(primary) && names.includes(replica), names.join());
    });

    check("servers of a group are listed", async ({ postgres, two, replica }) => {
      assert.deepEqual((await all(postgres.servers.listByResourceGroup(two.resourceGroup))).map((server) => server.name), [replica]);
    });

    check("a server shows its identity, size and network name", async ({ postgres, one, primary, server }) => {
      const found = await postgres.servers.get(one.resourceGroup, primary);
      assert.deepEqual([found.id, found.type], [server(primary, one.resourceGroup), "Microsoft.DBforPostgreSQL/flexibleServers"]);
      assert.deepEqual([found.sku.tier, found.fullyQualifiedDomainName], ["GeneralPurpose", `${primary}.postgres.database.azure.com`]);
      assert.ok(found.storage.storageSizeGB >= 32 && Number(found.version) >= 13 && found.systemData.createdAt instanceof Date);
      assert.equal(found.administratorLoginPassword, undefined);
    });

    check("the location is a display name, as Azure answers", async ({ postgres, one, two, primary, replica }) => {
      assert.equal((await postgres.servers.get(one.resourceGroup, primary)).location, "East US");
      assert.equal((await postgres.servers.get(two.resourceGroup, replica)).location, "West US");
    });

    check("the primary has the role Primary and room for five replicas", async ({ postgres, one, primary }) => {
      const found = await postgres.servers.get(one.resourceGroup, primary);
      assert.deepEqual([found.state, found.replicationRole, found.replica.role, found.replicaCapacity], ["Ready", "Primary", "Primary", 5]);
      assert.equal(found.sourceServerResourceId, undefined);
    });

    check("the replica names its source, and alone it has no replicationState", async ({ postgres, one, two, primary, replica, server }) => {
      const found = await postgres.servers.get(two.resourceGroup, replica);
      assert.deepEqual([found.replica.role, found.sourceServerResourceId], ["GeoAsyncReplica", server(primary, one.resourceGroup)]);
      assert.equal(found.replica.replicationState, undefined);
    });

    check("the primary's list of replicas has the replicationState", async ({ postgres, one, primary, replica }) => {
      const list = await all(postgres.replicas.listByServer(one.resourceGroup, primary));
      assert.deepEqual(list.map((item) => [item.name, item.replica.role, item.replica.replicationState]), [[replica, "GeoAsyncReplica", "Active"]]);
    });

    check("a replica has no replicas", async ({ postgres, two, replica }) => assert.deepEqual(await all(postgres.replicas.listByServer(two.resourceGroup, replica)), []));

    check("names have no case", async ({ postgres, one, primary }) => {
      assert.equal((await postgres.servers.get(one.resourceGroup.toUpperCase(), primary.toUpperCase())).name, primary);
    });

    check("an absent server is ResourceNotFound with a message that names it", async ({ postgres, one }) => {
      const error = await refused(postgres.servers.get(one.resourceGroup, "no-such-server"), 404, "ResourceNotFound");
      assert.match(error.message, /Microsoft\.DBforPostgreSQL\/flexibleServers\/no-such-server/);
      assert.equal(error.details.error.code, "ResourceNotFound");
    });

    check("a server of an absent group is ResourceGroupNotFound", ({ postgres, primary }) => refused(postgres.servers.get("no-such-group", primary), 404, "ResourceGroupNotFound"));

    check("parameters are listed with their kinds", async ({ postgres, one, primary }) => {
      const list = await all(postgres.configurations.listByServer(one.resourceGroup, primary));
      assert.ok(list.length > 200, `${list.length}`);
      const connections = list.find((item) => item.name === "max_connections");
      assert.deepEqual([connections.dataType, connections.isReadOnly, connections.isDynamicConfig], ["Integer", false, false]);
      assert.equal(list.find((item) => item.name === "work_mem").isDynamicConfig, true);
    });

    check("one parameter", async ({ postgres, one, primary }) => {
      const level = await postgres.configurations.get(one.resourceGroup, primary, "wal_level");
      assert.deepEqual([level.name, level.dataType, level.type], ["wal_level", "Enumeration", "Microsoft.DBforPostgreSQL/flexibleServers/configurations"]);
      assert.ok(level.allowedValues.split(",").includes(level.value));
    });

    check("an unknown parameter is ResourceNotFound", ({ postgres, one, primary }) => refused(postgres.configurations.get(one.resourceGroup, primary, "no_such_parameter"), 404, "ResourceNotFound"));

    check("databases are the real ones", async ({ postgres, one, primary }) => {
      const names = (await all(postgres.databases.listByServer(one.resourceGroup, primary))).map((item) => item.name);
      assert.ok(names.includes("postgres") && names.includes(one.servers[0].database), names.join());
      assert.equal((await postgres.databases.get(one.resourceGroup, primary, one.servers[0].database)).charset.toUpperCase(), "UTF8");
    });

    check("a location's capabilities", async ({ postgres, one }) => {
      const [capability] = await all(postgres.capabilitiesByLocation.list(one.location));
      assert.deepEqual(capability.supportedServerEditions.map((edition) => edition.name).sort(), ["Burstable", "GeneralPurpose", "MemoryOptimized"]);
      assert.ok(capability.supportedServerVersions.some((version) => version.name === "17"));
      assert.ok(capability.supportedServerEditions[1].supportedServerSkus.every((sku) => sku.vCores > 0 && sku.name.startsWith("Standard_")));
    });

    check("a server's capabilities", async ({ postgres, one, primary }) => {
      assert.ok((await all(postgres.capabilitiesByServer.list(one.resourceGroup, primary)))[0].supportedServerEditions.length > 0);
    });

    check("an unknown location has no capabilities", ({ postgres }) => refused(() => all(postgres.capabilitiesByLocation.list("atlantis")), 400, "LocationNotAvailableForResourceType"));

    check("a free server name is available", async ({ postgres, name }) => {
      const answer = await postgres.nameAvailability.checkGlobally({ name: name("free"), type: "Microsoft.DBforPostgreSQL/flexibleServers" });
      assert.deepEqual([answer.name, answer.nameAvailable, answer.reason, answer.message], [name("free"), true, undefined, ""]);
    });

    check("a taken server name is not", async ({ postgres, primary }) => {
      const answer = await postgres.nameAvailability.checkGlobally({ name: primary, type: "Microsoft.DBforPostgreSQL/flexibleServers" });
      assert.deepEqual([answer.nameAvailable, answer.reason], [false, "AlreadyExists"]);
    });

    check("a bad server name is Invalid, also by location", async ({ postgres, one }) => {
      const answer = await postgres.nameAvailability.checkWithLocation(one.location, { name: "-bad-", type: "Microsoft.DBforPostgreSQL/flexibleServers" });
      assert.deepEqual([answer.nameAvailable, answer.reason], [false, "Invalid"]);
    });

    check("the suffix of private DNS zones", async ({ postgres }) => {
      assert.equal((await postgres.privateDnsZoneSuffix.get()).body, "postgres.database.azure.com");
    });

    check("the provider's operations are listed", async ({ postgres }) => {
      const names = (await all(postgres.operations.list())).map((operation) => operation.name);
      for (const name of ["read", "write", "delete", "start/action", "stop/action", "restart/action"]) assert.ok(names.includes(`Microsoft.DBforPostgreSQL/flexibleServers/${name}`), name);
    });

    check("a request that is given up by its AbortSignal ends as AbortError", async ({ postgres, one, primary }) => {
      const cancellation = new AbortController();
      const asked = postgres.servers.get(one.resourceGroup, primary, { abortSignal: cancellation.signal });
      cancellation.abort();
      await assert.rejects(asked, { name: "AbortError" });
    });

    check("a list that is given up ends as AbortError", async ({ postgres }) => {
      const cancellation = new AbortController();
      cancellation.abort();
      await assert.rejects(all(postgres.servers.listBySubscription({ abortSignal: cancellation.signal })), { name: "AbortError" });
    });

    check("a call that fails with 503 is repeated and succeeds", async ({ postgres, one, primary, control }) => {
      const seen = watched();
      await control("POST", "/faults", { fault: "ArmError", status: 503, count: 1, pathContains: primary });
      assert.equal((await postgres.servers.get(one.resourceGroup, primary, seen.options)).name, primary);
    });

    check("a call that is forbidden is AuthorizationFailed and not repeated", async ({ postgres, one, primary, control }) => {
      await control("POST", "/faults", { fault: "ArmError", status: 403, count: 1, pathContains: primary });
      await refused(postgres.servers.get(one.resourceGroup, primary), 403, "AuthorizationFailed");
    });
  });
}
