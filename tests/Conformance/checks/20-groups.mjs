import assert from "node:assert/strict";
import { all, refused, watched } from "../lib/suite.mjs";
import { fast } from "../lib/world.mjs";

export function define(suite) {
  suite.group("Resource groups", (check) => {
    check("the list has the groups of both regions", async ({ resources, sandbox }) => {
      const names = (await all(resources.resourceGroups.list())).map((group) => group.name);
      for (const region of sandbox.regions) assert.ok(names.includes(region.resourceGroup), names.join());
    });

    check("a group shows id, type, location, tags and state", async ({ resources, subscription, one }) => {
      const group = await resources.resourceGroups.get(one.resourceGroup);
      assert.equal(group.id, `${subscription}/resourceGroups/${one.resourceGroup}`);
      assert.equal(group.type, "Microsoft.Resources/resourceGroups");
      assert.equal(group.location, one.location);
      assert.equal(group.properties.provisioningState, "Succeeded");
      assert.equal(group.tags.Environment, "prod");
    });

    check("names of groups have no case", async ({ resources, one }) => {
      assert.equal((await resources.resourceGroups.get(one.resourceGroup.toUpperCase())).name, one.resourceGroup);
    });

    check("existence is told without a body", async ({ resources, one }) => {
      assert.equal((await resources.resourceGroups.checkExistence(one.resourceGroup)).body, true);
      assert.equal((await resources.resourceGroups.checkExistence("no-such-group")).body, false);
    });

    check("an absent group is ResourceGroupNotFound", ({ resources }) => refused(resources.resourceGroups.get("no-such-group"), 404, "ResourceGroupNotFound"));

    check("a new group is created (201)", async ({ resources, group, one, run }) => {
      const seen = watched();
      const made = await resources.resourceGroups.createOrUpdate(group, { location: one.location, tags: { purpose: "conformance", run } }, seen.options);
      assert.equal(seen.raw.status, 201);
      assert.deepEqual([made.name, made.location, made.tags.run], [group, one.location, run]);
    });

    check("a group that exists is updated (200)", async ({ resources, group, one, run }) => {
      const seen = watched();
      await resources.resourceGroups.createOrUpdate(group, { location: one.location, tags: { purpose: "conformance", run, step: "2" } }, seen.options);
      assert.equal(seen.raw.status, 200);
      assert.equal((await resources.resourceGroups.get(group)).tags.step, "2");
    });

    check("PATCH changes the tags", async ({ resources, group, run }) => {
      const changed = await resources.resourceGroups.update(group, { tags: { purpose: "conformance", run } });
      assert.deepEqual(changed.tags, { purpose: "conformance", run });
    });

    check("a group cannot move to another location", ({ resources, group, two }) => refused(resources.resourceGroups.createOrUpdate(group, { location: two.location }), 409, "InvalidResourceGroupLocation"));

    check("an unknown location is refused", ({ resources, run }) => refused(resources.resourceGroups.createOrUpdate(`cf-${run}`, { location: "atlantis" }), 400, "LocationNotAvailableForResourceGroup"));

    check("groups are filtered by tag", async ({ resources, group, run }) => {
      const found = await all(resources.resourceGroups.list({ filter: `tagName eq 'run' and tagValue eq '${run}'` }));
      assert.deepEqual(found.map((item) => item.name), [group]);
    });

    check("groups come in pages by nextLink", async ({ resources }) => {
      const pages = [];
      for await (const page of resources.resourceGroups.list({ top: 1 }).byPage()) pages.push(page.map((group) => group.name));
      assert.ok(pages.length >= 3 && pages.every((page) => page.length === 1), JSON.stringify(pages));
      assert.equal(new Set(pages.flat()).size, pages.length);
    });

    check("a bad filter is InvalidFilterInQueryString", ({ resources }) => refused(() => all(resources.resourceGroups.list({ filter: "tagName is nice" })), 400, "InvalidFilterInQueryString"));

    check("a group is deleted with what it holds (202, polled by Location)", async ({ resources, one, run, subscription }) => {
      const name = `conformance-${run}-gone-rg`;
      await resources.resourceGroups.createOrUpdate(name, { location: one.location });
      const id = `${subscription}/resourceGroups/${name}/providers/Microsoft.Network/routeTables/rt`;
      await resources.resources.beginCreateOrUpdateByIdAndWait(id, "2024-05-01", { location: one.location, properties: {} }, fast);
      const seen = watched();
      await resources.resourceGroups.beginDeleteAndWait(name, { ...fast, ...seen.options });
      assert.equal(seen.first.status, 202);
      assert.ok(seen.first.headers.get("location"));
      assert.equal((await resources.resourceGroups.checkExistence(name)).body, false);
      await refused(resources.resources.getById(id, "2024-05-01"), 404, "ResourceGroupNotFound");
    });

    check("deleting an absent group is ResourceGroupNotFound", ({ resources }) => refused(() => resources.resourceGroups.beginDeleteAndWait("no-such-group"), 404, "ResourceGroupNotFound"));
  });

  suite.group("Providers", (check) => {
    check("a provider shows its types with api-versions and locations", async ({ resources }) => {
      const provider = await resources.providers.get("Microsoft.DBforPostgreSQL");
      assert.equal(provider.registrationState, "Registered");
      const type = provider.resourceTypes.find((item) => item.resourceType === "flexibleServers");
      assert.ok(["2025-08-01", "2024-08-01", "2022-12-01"].every((version) => type.apiVersions.includes(version)), type.apiVersions.join());
      assert.ok(type.locations.includes("East US") && type.locations.includes("West US"));
    });

    check("all providers are listed", async ({ resources }) => {
      const names = (await all(resources.providers.list())).map((provider) => provider.namespace);
      for (const name of ["Microsoft.DBforPostgreSQL", "Microsoft.Network", "Microsoft.KeyVault", "Microsoft.Resources", "Microsoft.Authorization"]) assert.ok(names.includes(name), names.join());
    });

    check("a provider is registered", async ({ resources }) => {
      assert.equal((await resources.providers.register("Microsoft.Network")).registrationState, "Registered");
    });

    check("an unknown provider is InvalidResourceNamespace", ({ resources }) => refused(resources.providers.get("Microsoft.Nothing"), 404, "InvalidResourceNamespace"));
  });
}
