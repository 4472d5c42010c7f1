import assert from "node:assert/strict";
import { ResourceManagementClient, getContinuationToken } from "@azure/arm-resources";
import { all, refused, watched } from "../lib/suite.mjs";
import { fast } from "../lib/world.mjs";

const types = { server: "Microsoft.DBforPostgreSQL/flexibleServers", network: "Microsoft.Network/virtualNetworks", security: "Microsoft.Network/networkSecurityGroups" };
const version = "2024-05-01";

export function define(suite) {
  suite.group("Generic resources", (check) => {
    check("the subscription's list has both servers, without properties", async ({ resources, primary, replica }) => {
      const list = await all(resources.resources.list());
      for (const name of [primary, replica]) {
        const server = list.find((item) => item.name === name);
        assert.equal(server?.type, types.server);
        assert.equal(server.properties, undefined);
        assert.equal(server.sku.tier, "GeneralPurpose");
      }
    });

    check("the list of a group has only its resources", async ({ resources, one }) => {
      const list = await all(resources.resources.listByResourceGroup(one.resourceGroup));
      assert.ok(list.length > 8 && list.every((item) => item.id.includes(`/resourceGroups/${one.resourceGroup}/`)));
    });

    check("a filter by type", async ({ resources }) => {
      const list = await all(resources.resources.list({ filter: `resourceType eq '${types.network}'` }));
      assert.ok(list.length >= 2 && list.every((item) => item.type === types.network));
    });

    check("a filter by name and type", async ({ resources, primary }) => {
      const list = await all(resources.resources.list({ filter: `name eq '${primary}' and resourceType eq '${types.server}'` }));
      assert.deepEqual(list.map((item) => item.name), [primary]);
    });

    check("a filter by location", async ({ resources, two }) => {
      const list = await all(resources.resources.list({ filter: `location eq '${two.location}'` }));
      assert.ok(list.length > 5 && list.every((item) => item.location === two.location));
    });

    check("a filter with substringof", async ({ resources }) => {
      const list = await all(resources.resources.list({ filter: "substringof('-vnet', name)" }));
      assert.ok(list.length >= 4 && list.every((item) => item.name.includes("-vnet")));
    });

    check("a filter with or", async ({ resources }) => {
      const list = await all(resources.resources.list({ filter: `resourceType eq '${types.network}' or resourceType eq '${types.security}'` }));
      assert.deepEqual([...new Set(list.map((item) => item.type))].sort(), [types.security, types.network].sort());
    });

    check("a filter by tag leaves the tags out", async ({ resources }) => {
      const list = await all(resources.resources.list({ filter: "tagName eq 'ManagedBy' and tagValue eq 'Terraform'" }));
      assert.ok(list.length > 10 && list.every((item) => item.tags === undefined));
    });

    check("$expand adds times and state", async ({ resources, primary }) => {
      const [server] = await all(resources.resources.list({ filter: `name eq '${primary}'`, expand: "createdTime,changedTime,provisioningState" }));
      assert.ok(server.createdTime instanceof Date && server.changedTime instanceof Date);
      assert.equal(server.provisioningState, "Succeeded");
    });

    check("pages of five hold the whole list once", async ({ resources }) => {
      const whole = (await all(resources.resources.list())).map((item) => item.id).sort();
      const pages = [];
      for await (const page of resources.resources.list({ top: 5 }).byPage()) pages.push(page);
      assert.ok(pages.length > 3 && pages.slice(0, -1).every((page) => page.length === 5));
      assert.deepEqual(pages.flat().map((item) => item.id).sort(), whole);
    });

    check("pages go on from a continuation token", async ({ resources }) => {
      const first = (await resources.resources.list({ top: 3 }).byPage().next()).value;
      const second = (await resources.resources.list({ top: 3 }).byPage({ continuationToken: getContinuationToken(first) }).next()).value;
      assert.equal(new Set([...first, ...second].map((item) => item.id)).size, 6);
    });

    check("a bad filter is InvalidFilterInQueryString", ({ resources }) => refused(() => all(resources.resources.list({ filter: "colour eq 'blue'" })), 400, "InvalidFilterInQueryString"));

    check("existence by id", async ({ resources, server, primary, one }) => {
      assert.equal((await resources.resources.checkExistenceById(server(primary, one.resourceGroup), "2025-08-01")).body, true);
      assert.equal((await resources.resources.checkExistenceById(server("no-such-server", one.resourceGroup), "2025-08-01")).body, false);
    });

    check("a resource by id has its properties", async ({ resources, server, primary, one }) => {
      assert.equal((await resources.resources.getById(server(primary, one.resourceGroup), "2025-08-01")).properties.state, "Ready");
    });

    check("a resource by group, provider, type and name", async ({ resources, one }) => {
      const [network] = await all(resources.resources.listByResourceGroup(one.resourceGroup, { filter: `resourceType eq '${types.network}'` }));
      const found = await resources.resources.get(one.resourceGroup, "Microsoft.Network", "", "virtualNetworks", network.name, version);
      assert.ok(found.properties.addressSpace.addressPrefixes.length > 0);
    });

    check("a network is created (201) and read back", async ({ resources, group, one, subscription }) => {
      const seen = watched();
      const id = `${subscription}/resourceGroups/${group}/providers/${types.network}/cf-vnet`;
      const made = await resources.resources.beginCreateOrUpdateByIdAndWait(id, version, { location: one.location, tags: { a: "1" }, properties: { addressSpace: { addressPrefixes: ["10.9.0.0/16"] } } }, { ...fast, ...seen.options });
      assert.equal(seen.first.status, 201);
      assert.equal(made.properties.provisioningState, "Succeeded");
      assert.deepEqual((await resources.resources.getById(id, version)).properties.addressSpace.addressPrefixes, ["10.9.0.0/16"]);
    });

    check("the list has the new network at once", async ({ resources, group }) => {
      assert.deepEqual((await all(resources.resources.listByResourceGroup(group))).map((item) => item.name), ["cf-vnet"]);
    });

    check("PATCH changes the tags of a network", async ({ resources, group, subscription }) => {
      const id = `${subscription}/resourceGroups/${group}/providers/${types.network}/cf-vnet`;
      await resources.resources.beginUpdateByIdAndWait(id, version, { tags: { a: "2" } }, fast);
      assert.deepEqual((await resources.resources.getById(id, version)).tags, { a: "2" });
    });

    check("a network is deleted, and is gone", async ({ resources, group, subscription }) => {
      const id = `${subscription}/resourceGroups/${group}/providers/${types.network}/cf-vnet`;
      await resources.resources.beginDeleteByIdAndWait(id, version, fast);
      await refused(resources.resources.getById(id, version), 404, "ResourceNotFound");
    });

    check("an unknown api-version names the supported ones", async ({ resources, server, primary, one }) => {
      const error = await refused(resources.resources.getById(server(primary, one.resourceGroup), "2019-01-01"), 400, "NoRegisteredProviderFound");
      assert.match(error.message, /2025-08-01/);
    });

    check("an api-version that is none is InvalidApiVersionParameter", (world) =>
      refused(() => all(world.client(ResourceManagementClient, { apiVersion: "soon" }).resourceGroups.list()), 400, "InvalidApiVersionParameter"));

    check("an unknown type is InvalidResourceType", ({ resources, group, subscription }) =>
      refused(resources.resources.getById(`${subscription}/resourceGroups/${group}/providers/Microsoft.Network/nothings/x`, version), 404, "InvalidResourceType"));

    check("another subscription is SubscriptionNotFound", (world) =>
      refused(() => all(world.client(ResourceManagementClient, {}, world.credential, "00000000-0000-0000-0000-000000000009").resources.list()), 404, "SubscriptionNotFound"));
  });

  suite.group("Answers", (check) => {
    check("every answer carries ARM's ids", async ({ resources, one }) => {
      const seen = watched();
      await resources.resourceGroups.get(one.resourceGroup, seen.options);
      for (const name of ["x-ms-request-id", "x-ms-correlation-request-id", "x-ms-routing-request-id", "strict-transport-security", "x-content-type-options"]) assert.ok(seen.raw.headers.get(name), name);
      assert.equal(seen.raw.headers.get("cache-control"), "no-cache");
    });

    check("the client's request id comes back", async ({ resources, one }) => {
      const seen = watched();
      await resources.resourceGroups.get(one.resourceGroup, { ...seen.options, requestOptions: { customHeaders: { "x-ms-return-client-request-id": "true" } } });
      assert.equal(seen.raw.headers.get("x-ms-client-request-id"), seen.raw.request.requestId);
    });

    check("reads and writes tell what remains of their quota", async ({ resources, group, one }) => {
      const seen = watched();
      await resources.resourceGroups.get(one.resourceGroup, seen.options);
      assert.ok(Number(seen.raw.headers.get("x-ms-ratelimit-remaining-subscription-reads")) > 0);
      await resources.resourceGroups.update(group, { tags: { purpose: "conformance" } }, seen.options);
      assert.ok(Number(seen.raw.headers.get("x-ms-ratelimit-remaining-subscription-writes")) > 0);
    });

    check("a throttled call is repeated after Retry-After and succeeds", async ({ resources, one, control }) => {
      const seen = watched();
      await control("POST", "/faults", { fault: "ArmThrottle", count: 1, retryAfterSeconds: 1, pathContains: one.resourceGroup });
      const begun = Date.now();
      await resources.resourceGroups.get(one.resourceGroup, seen.options);
      assert.equal(seen.raw.status, 200);
      assert.ok(Date.now() - begun >= 950, `${Date.now() - begun} ms`);
    });
  });
}
