import assert from "node:assert/strict";
import { all, refused } from "../lib/suite.mjs";
import { fast } from "../lib/world.mjs";

const version = "2024-05-01";
const scopeOf = ({ subscription, group }) => `${subscription}/resourceGroups/${group}/providers/Microsoft.Network/routeTables/cf-rt`;
const scopeTags = (tags) => ({ properties: { tags } });

export function define(suite) {
  suite.group("Tags", (check) => {
    check("a resource without tags has none", async (world) => {
      await world.resources.resources.beginCreateOrUpdateByIdAndWait(scopeOf(world), version, { location: world.one.location, properties: {} }, fast);
      const tags = await world.resources.tagsOperations.getAtScope(scopeOf(world));
      assert.deepEqual([tags.name, tags.type, tags.properties.tags ?? {}], ["default", "Microsoft.Resources/tags", {}]);
    });

    check("PUT sets them", async (world) => {
      const set = await world.resources.tagsOperations.beginCreateOrUpdateAtScopeAndWait(scopeOf(world), scopeTags({ a: "1", b: "2" }), fast);
      assert.deepEqual(set.properties.tags, { a: "1", b: "2" });
    });

    check("Merge adds and changes", async (world) => {
      const merged = await world.resources.tagsOperations.beginUpdateAtScopeAndWait(scopeOf(world), { operation: "Merge", ...scopeTags({ b: "3", c: "4" }) }, fast);
      assert.deepEqual(merged.properties.tags, { a: "1", b: "3", c: "4" });
    });

    check("Merge finds a name without case", async (world) => {
      const merged = await world.resources.tagsOperations.beginUpdateAtScopeAndWait(scopeOf(world), { operation: "Merge", ...scopeTags({ C: "5" }) }, fast);
      assert.deepEqual([Object.keys(merged.properties.tags).length, Object.values(merged.properties.tags).sort()], [3, ["1", "3", "5"]]);
    });

    check("Delete takes away the named ones with these values", async (world) => {
      const left = await world.resources.tagsOperations.beginUpdateAtScopeAndWait(scopeOf(world), { operation: "Delete", ...scopeTags({ a: "1" }) }, fast);
      assert.deepEqual(Object.values(left.properties.tags).sort(), ["3", "5"]);
    });

    check("Replace leaves only the given ones", async (world) => {
      const replaced = await world.resources.tagsOperations.beginUpdateAtScopeAndWait(scopeOf(world), { operation: "Replace", ...scopeTags({ z: "9" }) }, fast);
      assert.deepEqual(replaced.properties.tags, { z: "9" });
    });

    check("the resource itself shows them", async (world) => {
      assert.deepEqual((await world.resources.resources.getById(scopeOf(world), version)).tags, { z: "9" });
    });

    check("a group has them too", async ({ resources, subscription, group }) => {
      const scope = `${subscription}/resourceGroups/${group}`;
      await resources.tagsOperations.beginUpdateAtScopeAndWait(scope, { operation: "Merge", ...scopeTags({ via: "scope" }) }, fast);
      assert.equal((await resources.resourceGroups.get(group)).tags.via, "scope");
      await resources.tagsOperations.beginUpdateAtScopeAndWait(scope, { operation: "Delete", ...scopeTags({ via: "scope" }) }, fast);
      assert.equal((await resources.resourceGroups.get(group)).tags.via, undefined);
    });

    check("a server takes them, and its name stays", async ({ resources, server, primary, one }) => {
      const scope = server(primary, one.resourceGroup);
      const merged = await resources.tagsOperations.beginUpdateAtScopeAndWait(scope, { operation: "Merge", ...scopeTags({ conformance: "yes" }) }, fast);
      assert.equal(merged.properties.tags.ManagedBy, "Terraform");
      await resources.tagsOperations.beginUpdateAtScopeAndWait(scope, { operation: "Delete", ...scopeTags({ conformance: "yes" }) }, fast);
    });

    check("an unknown operation is refused", async (world) => {
      const error = await world.resources.tagsOperations.beginUpdateAtScopeAndWait(scopeOf(world), { operation: "Toggle", ...scopeTags({ a: "1" }) }, fast).catch((failure) => failure);
      assert.deepEqual([error.name, error.statusCode], ["RestError", 400]);
    });

    check("tags of an absent resource are ResourceNotFound", ({ resources, server }) => refused(resources.tagsOperations.getAtScope(server("no-such-server")), 404, "ResourceNotFound"));

    check("DELETE takes all away", async (world) => {
      await world.resources.tagsOperations.beginDeleteAtScopeAndWait(scopeOf(world), fast);
      assert.deepEqual((await world.resources.tagsOperations.getAtScope(scopeOf(world))).properties.tags ?? {}, {});
    });
  });

  suite.group("Locks", (check) => {
    check("the subscription's list has the locks of both servers", async ({ locks, primary, replica }) => {
      const list = await all(locks.managementLocks.listAtSubscriptionLevel());
      for (const name of [primary, replica]) assert.ok(list.some((lock) => lock.id.includes(`/flexibleServers/${name}/`) && lock.level === "CanNotDelete"), JSON.stringify(list));
    });

    check("a group's list has the locks below it", async ({ locks, one, primary }) => {
      const list = await all(locks.managementLocks.listAtResourceGroupLevel(one.resourceGroup));
      assert.ok(list.some((lock) => lock.id.includes(primary)) && list.every((lock) => lock.type === "Microsoft.Authorization/locks"));
    });

    check("a resource's list", async ({ locks, one, primary }) => {
      const list = await all(locks.managementLocks.listAtResourceLevel(one.resourceGroup, "Microsoft.DBforPostgreSQL", "", "flexibleServers", primary));
      assert.deepEqual(list.map((lock) => lock.level), ["CanNotDelete"]);
    });

    check("a lock by scope and name", async ({ locks, one, primary, server }) => {
      const [{ name }] = await all(locks.managementLocks.listByScope(server(primary, one.resourceGroup)));
      assert.ok((await locks.managementLocks.getByScope(server(primary, one.resourceGroup), name)).notes.length > 0);
    });

    check("a new lock of a resource (CanNotDelete) blocks DELETE and nothing else", async (world) => {
      const made = await world.locks.managementLocks.createOrUpdateByScope(scopeOf(world), "keep", { level: "CanNotDelete", notes: "conformance" });
      assert.deepEqual([made.name, made.level, made.notes], ["keep", "CanNotDelete", "conformance"]);
      const error = await refused(() => world.resources.resources.beginDeleteByIdAndWait(scopeOf(world), version, fast), 409, "ScopeLocked");
      assert.match(error.message, /cannot perform delete operation because following scope\(s\) are locked/);
      await world.resources.resources.beginUpdateByIdAndWait(scopeOf(world), version, { tags: { locked: "yes" } }, fast);
    });

    check("it blocks the DELETE of its group", ({ resources, group }) => refused(() => resources.resourceGroups.beginDeleteAndWait(group, fast), 409, "ScopeLocked"));

    check("as ReadOnly it blocks every write, and reads go on", async (world) => {
      await world.locks.managementLocks.createOrUpdateByScope(scopeOf(world), "keep", { level: "ReadOnly" });
      const error = await refused(() => world.resources.resources.beginUpdateByIdAndWait(scopeOf(world), version, { tags: { locked: "twice" } }, fast), 409, "ScopeLocked");
      assert.match(error.message, /cannot perform write operation/);
      assert.equal((await world.resources.resources.getById(scopeOf(world), version)).tags.locked, "yes");
    });

    check("ReadOnly blocks tags as well", (world) =>
      refused(() => world.resources.tagsOperations.beginUpdateAtScopeAndWait(scopeOf(world), { operation: "Merge", ...scopeTags({ a: "1" }) }, fast), 409, "ScopeLocked"));

    check("without its lock the resource is deleted", async (world) => {
      await world.locks.managementLocks.deleteByScope(scopeOf(world), "keep");
      assert.deepEqual(await all(world.locks.managementLocks.listByScope(scopeOf(world))), []);
      await world.resources.resources.beginDeleteByIdAndWait(scopeOf(world), version, fast);
    });

    check("a lock of a group covers what lies in it", async ({ locks, resources, group, one, subscription }) => {
      await locks.managementLocks.createOrUpdateAtResourceGroupLevel(group, "frozen", { level: "ReadOnly" });
      assert.equal((await locks.managementLocks.getAtResourceGroupLevel(group, "frozen")).level, "ReadOnly");
      const id = `${subscription}/resourceGroups/${group}/providers/Microsoft.Network/routeTables/other`;
      await refused(() => resources.resources.beginCreateOrUpdateByIdAndWait(id, version, { location: one.location, properties: {} }, fast), 409, "ScopeLocked");
      await locks.managementLocks.deleteAtResourceGroupLevel(group, "frozen");
    });

    check("an absent lock is refused with 404", async ({ locks, group }) => {
      const error = await locks.managementLocks.getAtResourceGroupLevel(group, "no-such-lock").catch((failure) => failure);
      assert.deepEqual([error.name, error.statusCode, error.code], ["RestError", 404, "LockNotFound"]);
    });

    check("deleting an absent lock is no failure", ({ locks, group }) => locks.managementLocks.deleteAtResourceGroupLevel(group, "no-such-lock"));

    check("an unknown level is refused", async ({ locks, group }) => {
      const error = await locks.managementLocks.createOrUpdateAtResourceGroupLevel(group, "odd", { level: "Sometimes" }).catch((failure) => failure);
      assert.deepEqual([error.name, error.statusCode], ["RestError", 400]);
    });
  });
}
