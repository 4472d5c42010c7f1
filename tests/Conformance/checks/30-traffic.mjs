import assert from "node:assert/strict";
import { all, refused, watched } from "../lib/suite.mjs";

const external = "ExternalEndpoints";
const endpointType = "Microsoft.Network/trafficManagerProfiles/externalEndpoints";

const wanted = (name) => ({
  location: "global",
  tags: { purpose: "conformance" },
  trafficRoutingMethod: "Priority",
  dnsConfig: { relativeName: name, ttl: 30 },
  monitorConfig: { protocol: "HTTPS", port: 443, path: "/healthz", intervalInSeconds: 30, timeoutInSeconds: 10, toleratedNumberOfFailures: 3, expectedStatusCodeRanges: [{ min: 200, max: 299 }], customHeaders: [{ name: "host", value: "control.example.com" }] },
  endpoints: [
    { name: "first", type: endpointType, target: "first.example.com", endpointStatus: "Enabled", priority: 1, alwaysServe: "Enabled" },
    { name: "second", type: endpointType, target: "second.example.com", endpointStatus: "Enabled", priority: 2, alwaysServe: "Enabled" },
  ],
});

export function define(suite) {
  suite.group("Traffic Manager", (check) => {
    check("the global profile is read", async ({ traffic, one, sandbox }) => {
      const profile = await traffic.profiles.get(one.resourceGroup, sandbox.trafficManager.profileId.split("/").at(-1));
      assert.deepEqual([profile.id.toLowerCase(), profile.location, profile.type], [sandbox.trafficManager.profileId.toLowerCase(), "global", "Microsoft.Network/trafficManagerProfiles"]);
      assert.deepEqual([profile.dnsConfig.fqdn, profile.trafficRoutingMethod, profile.dnsConfig.ttl], [sandbox.trafficManager.fqdn, "Weighted", 30]);
      assert.deepEqual(profile.endpoints.map((endpoint) => [endpoint.name, endpoint.target, endpoint.alwaysServe]), [["global-endpoint", one.gateway.address, "Enabled"]]);
      assert.ok(["Online", "CheckingEndpoints", "Degraded", "Inactive"].includes(profile.monitorConfig.profileMonitorStatus), profile.monitorConfig.profileMonitorStatus);
    });

    check("profiles of the subscription and of a group are listed", async ({ traffic, one, two, sandbox }) => {
      const id = sandbox.trafficManager.profileId.toLowerCase();
      assert.ok((await all(traffic.profiles.listBySubscription())).some((profile) => profile.id.toLowerCase() === id));
      assert.ok((await all(traffic.profiles.listByResourceGroup(one.resourceGroup))).some((profile) => profile.id.toLowerCase() === id));
      assert.deepEqual(await all(traffic.profiles.listByResourceGroup(two.resourceGroup)), []);
    });

    check("its endpoint is read, and always served means Unmonitored", async ({ traffic, one, sandbox }) => {
      const endpoint = await traffic.endpoints.get(one.resourceGroup, sandbox.trafficManager.profileId.split("/").at(-1), external, "global-endpoint");
      assert.deepEqual([endpoint.type, endpoint.endpointStatus, endpoint.endpointMonitorStatus], [endpointType, "Enabled", "Unmonitored"]);
    });

    check("a free name is available", async ({ traffic, name }) => {
      const answer = await traffic.profiles.checkTrafficManagerRelativeDnsNameAvailability({ name: name("traffic"), type: "microsoft.network/trafficmanagerprofiles" });
      assert.deepEqual([answer.nameAvailable, answer.name], [true, name("traffic")]);
    });

    check("a taken name is not", async ({ traffic, sandbox }) => {
      const name = sandbox.trafficManager.fqdn.split(".")[0];
      const answer = await traffic.profiles.checkTrafficManagerRelativeDnsNameAvailability({ name, type: "microsoft.network/trafficmanagerprofiles" });
      assert.deepEqual([answer.nameAvailable, answer.reason], [false, "AlreadyExists"]);
      assert.match(answer.message, new RegExp(`Domain name ${name}\\.trafficmanager\\.net already exists`));
    });

    check("a profile with two endpoints is created (201)", async ({ traffic, group, name }) => {
      const seen = watched();
      const made = await traffic.profiles.createOrUpdate(group, name("traffic"), wanted(name("traffic")), seen.options);
      assert.equal(seen.raw.status, 201);
      assert.deepEqual([made.dnsConfig.fqdn, made.profileStatus, made.endpoints.length], [`${name("traffic")}.trafficmanager.net`, "Enabled", 2]);
      assert.deepEqual(made.endpoints.map((endpoint) => endpoint.priority), [1, 2]);
    });

    check("the same again is 200", async ({ traffic, group, name }) => {
      const seen = watched();
      await traffic.profiles.createOrUpdate(group, name("traffic"), wanted(name("traffic")), seen.options);
      assert.equal(seen.raw.status, 200);
    });

    check("what was read can be sent back", async ({ traffic, group, name }) => {
      const profile = await traffic.profiles.get(group, name("traffic"));
      const again = await traffic.profiles.createOrUpdate(group, name("traffic"), profile);
      assert.deepEqual(again.monitorConfig.expectedStatusCodeRanges, [{ min: 200, max: 299 }]);
      assert.deepEqual(again.monitorConfig.customHeaders, [{ name: "host", value: "control.example.com" }]);
    });

    check("PATCH changes the TTL alone", async ({ traffic, group, name }) => {
      const changed = await traffic.profiles.update(group, name("traffic"), { dnsConfig: { ttl: 10 } });
      assert.deepEqual([changed.dnsConfig.ttl, changed.dnsConfig.relativeName, changed.endpoints.length], [10, name("traffic"), 2]);
    });

    check("PATCH changes the probe", async ({ traffic, group, name }) => {
      const changed = await traffic.profiles.update(group, name("traffic"), { monitorConfig: { path: "/livez" } });
      assert.deepEqual([changed.monitorConfig.path, changed.monitorConfig.protocol], ["/livez", "HTTPS"]);
    });

    check("PATCH of an endpoint changes its target alone", async ({ traffic, group, name }) => {
      const changed = await traffic.endpoints.update(group, name("traffic"), external, "first", { target: "other.example.com" });
      assert.deepEqual([changed.target, changed.priority, changed.endpointStatus], ["other.example.com", 1, "Enabled"]);
    });

    check("PATCH of an endpoint takes it out of the rotation", async ({ traffic, group, name }) => {
      const changed = await traffic.endpoints.update(group, name("traffic"), external, "first", { endpointStatus: "Disabled" });
      assert.deepEqual([changed.endpointStatus, changed.endpointMonitorStatus], ["Disabled", "Disabled"]);
    });

    check("DNS answers with the endpoint that is left", async ({ resolver, name }) => {
      assert.deepEqual(await resolver().resolveCname(`${name("traffic")}.trafficmanager.net`), ["second.example.com"]);
    });

    check("two endpoints cannot share a priority", ({ traffic, group, name }) => refused(traffic.endpoints.update(group, name("traffic"), external, "second", { priority: 1 }), 400, "BadRequest"));

    check("a private address is no target", ({ traffic, group, name }) => refused(traffic.endpoints.update(group, name("traffic"), external, "second", { target: "10.1.2.3" }), 400, "BadRequest"));

    check("an endpoint is added (201), replaced (200) and removed", async ({ traffic, group, name }) => {
      const seen = watched();
      await traffic.endpoints.createOrUpdate(group, name("traffic"), external, "third", { target: "third.example.com", priority: 3, alwaysServe: "Enabled" }, seen.options);
      assert.equal(seen.raw.status, 201);
      await traffic.endpoints.createOrUpdate(group, name("traffic"), external, "third", { target: "third.example.org", priority: 4, alwaysServe: "Enabled" }, seen.options);
      assert.equal(seen.raw.status, 200);
      assert.deepEqual((await traffic.profiles.get(group, name("traffic"))).endpoints.map((endpoint) => endpoint.name), ["first", "second", "third"]);
      await traffic.endpoints.delete(group, name("traffic"), external, "third");
      assert.equal((await traffic.profiles.get(group, name("traffic"))).endpoints.length, 2);
    });

    check("an absent endpoint is ResourceNotFound", ({ traffic, group, name }) => refused(traffic.endpoints.get(group, name("traffic"), external, "nobody"), 404, "ResourceNotFound"));

    check("an absent profile is ResourceNotFound", ({ traffic, group }) => refused(traffic.profiles.get(group, "no-such-profile"), 404, "ResourceNotFound"));

    check("a name that is taken is Conflict", ({ traffic, group, sandbox, name }) => refused(traffic.profiles.createOrUpdate(group, name("other"), wanted(sandbox.trafficManager.fqdn.split(".")[0])), 409, "Conflict"));

    check("a probe of 10 seconds cannot wait 10 seconds", ({ traffic, group, name }) =>
      refused(traffic.profiles.update(group, name("traffic"), { monitorConfig: { intervalInSeconds: 10, timeoutInSeconds: 10 } }), 400, "BadRequest"));

    check("a disabled profile's endpoints are inactive", async ({ traffic, group, name }) => {
      const changed = await traffic.profiles.update(group, name("traffic"), { profileStatus: "Disabled" });
      assert.deepEqual([changed.profileStatus, changed.monitorConfig.profileMonitorStatus], ["Disabled", "Disabled"]);
      assert.equal((await traffic.endpoints.get(group, name("traffic"), external, "second")).endpointMonitorStatus, "Inactive");
    });

    check("a profile is deleted (200), and once more (204)", async ({ traffic, group, name }) => {
      const seen = watched();
      await traffic.profiles.delete(group, name("traffic"), seen.options);
      assert.equal(seen.raw.status, 200);
      await traffic.profiles.delete(group, name("traffic"), seen.options);
      assert.equal(seen.raw.status, 204);
      await refused(traffic.profiles.get(group, name("traffic")), 404, "ResourceNotFound");
    });
  });
}
