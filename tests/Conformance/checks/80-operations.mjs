import assert from "node:assert/strict";
import { refused, watched } from "../lib/suite.mjs";
import { fast } from "../lib/world.mjs";

export function define(suite) {
  suite.group("Long-running operations", (check) => {
    check("operation URLs are long and signed, with the location's display name", async ({ postgres, group, name }) => {
      const seen = watched();
      await postgres.servers.beginRestartAndWait(group, name("two"), { ...fast, ...seen.options });
      for (const header of ["azure-asyncoperation", "location"]) {
        const url = seen.first.headers.get(header);
        assert.ok(url.length > 3000 && url.length < 8000, `${url.length}`);
        assert.match(url, /\/locations\/West%20US\//);
      }
    });

    check("neither the answer nor a poll says Retry-After", async ({ postgres, group, name }) => {
      const headers = [];
      await postgres.servers.beginRestartAndWait(group, name("two"), { ...fast, onResponse: (raw) => headers.push(raw.headers.get("retry-after")) });
      assert.ok(headers.length >= 2 && headers.every((value) => value === undefined), JSON.stringify(headers));
    });

    check("without an interval the client polls at its own", async ({ postgres, group, name }) => {
      const begun = Date.now();
      await postgres.firewallRules.beginCreateOrUpdateAndWait(group, name("two"), "slow", { startIpAddress: "198.51.100.1", endIpAddress: "198.51.100.1" });
      assert.ok(Date.now() - begun < 10_000);
    });

    check("a poller tells running and then succeeded", async ({ postgres, group, name, control }) => {
      await control("POST", "/faults", { fault: "OperationStuck", count: 1, pathContains: name("two") });
      const poller = await postgres.servers.beginRestart(group, name("two"), fast);
      const states = [poller.getOperationState().status];
      poller.onProgress((state) => states.push(state.status));
      await control("POST", "/faults", { fault: "Clear" });
      await poller.pollUntilDone();
      assert.deepEqual([states[0], states.at(-1), poller.isDone()], ["running", "succeeded", true]);
    });

    check("another client goes on with a poller that was put away", async ({ postgres, group, name }) => {
      const poller = await postgres.servers.beginUpdate(group, name("two"), { tags: { resumed: "yes" } }, fast);
      const again = await postgres.servers.beginUpdate(group, name("two"), {}, { ...fast, resumeFrom: poller.toString() });
      assert.deepEqual((await again.pollUntilDone()).tags, { resumed: "yes" });
    });

    check("waiting is given up by an AbortSignal, and the operation goes on", async ({ postgres, group, name, control }) => {
      await control("POST", "/faults", { fault: "OperationStuck", count: 1, pathContains: name("two") });
      const poller = await postgres.servers.beginRestart(group, name("two"), fast);
      const cancellation = new AbortController();
      setTimeout(() => cancellation.abort(), 150);
      await assert.rejects(poller.pollUntilDone({ abortSignal: cancellation.signal }), { name: "AbortError" });
      assert.equal((await postgres.servers.get(group, name("two"))).state, "Restarting");
      await control("POST", "/faults", { fault: "Clear" });
      for (let attempt = 0; attempt < 200 && (await postgres.servers.get(group, name("two"))).state !== "Ready"; attempt++) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal((await postgres.servers.get(group, name("two"))).state, "Ready");
    });

    check("an operation that fails says its code and leaves the server as it was", async ({ postgres, group, name, control }) => {
      await control("POST", "/faults", { fault: "OperationFails", count: 1, pathContains: name("two") });
      await assert.rejects(postgres.servers.beginRestartAndWait(group, name("two"), fast), /InternalServerError/);
      assert.equal((await postgres.servers.get(group, name("two"))).state, "Ready");
    });

    check("a write whose answer was lost is repeated by the client, and ends well", async ({ resources, group, one, control }) => {
      await control("POST", "/faults", { fault: "ResponseLost", count: 1, method: "PATCH", pathContains: group });
      assert.equal((await resources.resourceGroups.update(group, { tags: { purpose: "conformance", lost: "no" } })).tags.lost, "no");
      assert.equal((await resources.resourceGroups.get(group)).location, one.location);
    });

    check("a poll is throttled and goes on after Retry-After", async ({ postgres, group, name, control }) => {
      await control("POST", "/faults", { fault: "ArmThrottle", count: 1, retryAfterSeconds: 1, pathContains: "operationResults" });
      await postgres.servers.beginRestartAndWait(group, name("two"), fast);
    });

    check("an operation URL that was changed is refused", async ({ postgres, resources, group, name, credential }) => {
      const seen = watched();
      await postgres.servers.beginRestartAndWait(group, name("two"), { ...fast, ...seen.options });
      const url = seen.first.headers.get("azure-asyncoperation");
      const { token } = await credential.getToken("https://management.azure.com/.default");
      const answers = await Promise.all([url, url.replace("&s=", "&s=A")].map((target) => fetch(target, { headers: { authorization: `Bearer ${token}` } })));
      assert.deepEqual(answers.map((answer) => answer.status), [200, 401]);
      const document = await answers[0].json();
      assert.deepEqual([document.status, typeof document.name, typeof document.startTime], ["Succeeded", "string", "string"]);
    });
  });

  suite.group("The end", (check) => {
    check("the run's group goes with its servers", async ({ postgres, resources, group, name }) => {
      await resources.resourceGroups.beginDeleteAndWait(group, fast);
      await refused(postgres.servers.get(group, name("two")), 404, "ResourceGroupNotFound");
      assert.equal((await postgres.nameAvailability.checkGlobally({ name: name("two") })).nameAvailable, true);
    });
  });
}
