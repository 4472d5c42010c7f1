import assert from "node:assert/strict";
import { SecretClient } from "@azure/keyvault-secrets";
import { all, refused } from "../lib/suite.mjs";
import { fast } from "../lib/world.mjs";

const version = "2023-07-01";
const id = ({ subscription, group }, name) => `${subscription}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/${name}`;
const vault = (world, properties) => ({
  location: world.one.location,
  properties: { tenantId: world.sandbox.tenantId, sku: { family: "A", name: "standard" }, accessPolicies: [], enableRbacAuthorization: true, softDeleteRetentionInDays: 7, ...properties },
});

/** The client of a vault at the address that ARM gives; its name is asked of the sandbox's DNS. */
const open = (world, uri, credential = world.credential) => new SecretClient(uri, credential, { additionalPolicies: [{ policy: world.named(), position: "perCall" }] });

export function define(suite) {
  suite.group("Secrets", (check) => {
    check("a vault is created, and says where its secrets are", async (world) => {
      const made = await world.resources.resources.beginCreateOrUpdateByIdAndWait(id(world, world.name("kv")), version, vault(world), fast);
      assert.match(made.properties.vaultUri, new RegExp(`^https://${world.name("kv")}\\.vault\\.azure\\.net`));
      world.vault = open(world, made.properties.vaultUri);
    });

    check("an empty vault lists none", async (world) => assert.deepEqual(await all(world.vault.listPropertiesOfSecrets()), []));

    check("the client signs in by the vault's challenge and sets a secret", async (world) => {
      const set = await world.vault.setSecret("password", "first", { contentType: "text/plain", tags: { run: world.run } });
      assert.deepEqual([set.name, set.value, set.properties.enabled, set.properties.contentType, set.properties.tags], ["password", "first", true, "text/plain", { run: world.run }]);
      assert.match(set.properties.version, /^[0-9a-f]{32}$/);
      assert.ok(set.properties.createdOn instanceof Date && set.properties.id.includes("/secrets/password/"));
    });

    check("it is read back", async (world) => assert.equal((await world.vault.getSecret("password")).value, "first"));

    check("names have no case", async (world) => assert.equal((await world.vault.getSecret("PASSWORD")).value, "first"));

    check("setting it again makes a new version, and the old one stays", async (world) => {
      const before = await world.vault.getSecret("password");
      const after = await world.vault.setSecret("password", "second");
      assert.notEqual(after.properties.version, before.properties.version);
      assert.equal((await world.vault.getSecret("password")).value, "second");
      assert.equal((await world.vault.getSecret("password", { version: before.properties.version })).value, "first");
    });

    check("its versions are listed without values", async (world) => {
      const versions = await all(world.vault.listPropertiesOfSecretVersions("password"));
      assert.equal(versions.length, 2);
      assert.ok(versions.every((item) => item.value === undefined && item.version.length === 32));
    });

    check("secrets are listed in pages", async (world) => {
      for (let index = 0; index < 4; index++) await world.vault.setSecret(`item-${index}`, `${index}`);
      const pages = [];
      for await (const page of world.vault.listPropertiesOfSecrets().byPage({ maxPageSize: 2 })) pages.push(page.map((item) => item.name));
      assert.deepEqual([pages.map((page) => page.length), pages.flat().sort()], [[2, 2, 1], ["item-0", "item-1", "item-2", "item-3", "password"]]);
    });

    check("its expiry and its tags are changed without a new version", async (world) => {
      const { properties } = await world.vault.getSecret("password");
      const expiresOn = new Date(Math.floor(Date.now() / 1000) * 1000 + 86_400_000);
      const changed = await world.vault.updateSecretProperties("password", properties.version, { expiresOn, tags: { changed: "yes" } });
      assert.deepEqual([changed.expiresOn, changed.tags, changed.version], [expiresOn, { changed: "yes" }, properties.version]);
      assert.equal((await world.vault.getSecret("password")).value, "second");
    });

    check("a disabled secret is not read", async (world) => {
      const { properties } = await world.vault.getSecret("item-0");
      await world.vault.updateSecretProperties("item-0", properties.version, { enabled: false });
      await refused(world.vault.getSecret("item-0"), 403, "Forbidden");
      await world.vault.updateSecretProperties("item-0", properties.version, { enabled: true });
      assert.equal((await world.vault.getSecret("item-0")).value, "0");
    });

    check("an absent secret is SecretNotFound", (world) => refused(world.vault.getSecret("nothing"), 404, "SecretNotFound"));

    check("an absent version is SecretNotFound", (world) => refused(world.vault.getSecret("password", { version: "0".repeat(32) }), 404, "SecretNotFound"));

    check("a bad name is BadParameter", (world) => refused(world.vault.setSecret("no_underscores", "x"), 400, "BadParameter"));

    check("a secret is deleted, and its name is kept", async (world) => {
      const deleted = await (await world.vault.beginDeleteSecret("item-1", { intervalInMs: 20 })).pollUntilDone();
      assert.ok(deleted.recoveryId.includes("/deletedsecrets/item-1") && deleted.scheduledPurgeDate > new Date());
      await refused(world.vault.getSecret("item-1"), 404, "SecretNotFound");
      await refused(world.vault.setSecret("item-1", "again"), 409, "Conflict");
      assert.deepEqual((await all(world.vault.listDeletedSecrets())).map((item) => item.name), ["item-1"]);
    });

    check("a deleted secret is recovered", async (world) => {
      await (await world.vault.beginRecoverDeletedSecret("item-1", { intervalInMs: 20 })).pollUntilDone();
      assert.equal((await world.vault.getSecret("item-1")).value, "1");
    });

    check("a deleted secret is purged, and its name is free", async (world) => {
      await (await world.vault.beginDeleteSecret("item-2", { intervalInMs: 20 })).pollUntilDone();
      await world.vault.purgeDeletedSecret("item-2");
      await refused(world.vault.getDeletedSecret("item-2"), 404, "SecretNotFound");
      assert.equal((await world.vault.setSecret("item-2", "new")).value, "new");
    });

    check("a vault with access policies refuses who has none", async (world) => {
      const made = await world.resources.resources.beginCreateOrUpdateByIdAndWait(id(world, world.name("kp")), version, vault(world, { enableRbacAuthorization: false }), fast);
      const error = await refused(open(world, made.properties.vaultUri).getSecret("password"), 403, "Forbidden");
      assert.match(error.message, /does not have secrets get permission/);
    });

    check("a token for ARM is refused with the challenge", async (world) => {
      const { vaultUrl } = world.vault;
      const client = open(world, vaultUrl, { getToken: () => world.credential.getToken("https://management.azure.com/.default") });
      const error = await refused(client.getSecret("password"), 401, "Unauthorized");
      assert.match(error.response.headers.get("www-authenticate"), /^Bearer authorization="https:.*resource="https:\/\/vault\.azure\.net"/);
    });

    check("both regions' vaults hold what their applications need", async (world) => {
      for (const region of world.sandbox.regions) {
        const client = open(world, region.vault);
        assert.equal((await client.getSecret("host")).value, `${region.servers[0].name}.privatelink.postgres.database.azure.com`);
        assert.ok((await client.getSecret("password")).value.length > 8);
        const names = (await all(client.listPropertiesOfSecrets())).map((item) => item.name);
        for (const name of ["dbname", "username", "password", "host", "port"]) assert.ok(names.includes(name), `${name} of ${region.location}`);
      }
    });

    check("a request that is given up by its AbortSignal ends as AbortError", async (world) => {
      const cancellation = new AbortController();
      cancellation.abort();
      await assert.rejects(world.vault.getSecret("password", { abortSignal: cancellation.signal }), { name: "AbortError" });
    });
  });
}
