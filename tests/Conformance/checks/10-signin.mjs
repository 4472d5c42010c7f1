import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ClientSecretCredential, DefaultAzureCredential, EnvironmentCredential } from "@azure/identity";
import { ResourceManagementClient } from "@azure/arm-resources";
import { all, refused } from "../lib/suite.mjs";
import { scope } from "../lib/world.mjs";

const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());

/** Runs the work with these environment variables and takes them away again. */
async function withEnvironment(variables, work) {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  try {
    Object.assign(process.env, variables);
    return await work();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

const refusals = /AuthenticationError|CredentialUnavailableError|AuthenticationRequiredError/;

async function managed(variables, ...values) {
  const script = fileURLToPath(new URL("../lib/managed-identity.mjs", import.meta.url));
  return JSON.parse((await promisify(execFile)(process.execPath, [script, ...values], { env: { ...process.env, ...variables }, timeout: 60_000 })).stdout);
}

const appService = ({ sandbox }) => ({ IDENTITY_ENDPOINT: sandbox.managedIdentity.endpoint, IDENTITY_HEADER: sandbox.managedIdentity.header });
const environment = ({ sandbox }) => ({ AZURE_TENANT_ID: sandbox.tenantId, AZURE_CLIENT_ID: sandbox.clientId, AZURE_CLIENT_SECRET: sandbox.clientSecret, AZURE_AUTHORITY_HOST: sandbox.authority });

const failure = async (work) => {
  try {
    await work;
  } catch (error) {
    return error;
  }

  return assert.fail("expected a refusal");
};

export function define(suite) {
  suite.group("Sign in", (check) => {
    check("a client secret gets a token that is valid for about an hour", async ({ credential }) => {
      const token = await credential.getToken(scope);
      const minutes = (token.expiresOnTimestamp - Date.now()) / 60_000;
      assert.ok(minutes > 50 && minutes < 70, `${minutes} minutes`);
    });

    check("the token names audience, tenant and application", async ({ credential, sandbox }) => {
      const { aud, tid, appid, exp, iss } = claims((await credential.getToken(scope)).token);
      assert.match(aud, /^https:\/\/management\.azure\.com\/?$/);
      assert.deepEqual({ tid, appid }, { tid: sandbox.tenantId, appid: sandbox.clientId });
      assert.ok(exp > Date.now() / 1000 && iss.includes(sandbox.tenantId));
    });

    check("a second request takes the cached token", async ({ credential }) => {
      assert.equal((await credential.getToken(scope)).token, (await credential.getToken(scope)).token);
    });

    check("a token for vaults has the vaults' audience", async ({ credential }) => {
      assert.match(claims((await credential.getToken("https://vault.azure.net/.default")).token).aud, /^https:\/\/vault\.azure\.net/);
    });

    check("a wrong secret is invalid_client with AADSTS7000215", async ({ sandbox, identityOptions }) => {
      const error = await failure(new ClientSecretCredential(sandbox.tenantId, sandbox.clientId, "wrong", identityOptions).getToken(scope));
      assert.equal(error.name, "AuthenticationRequiredError");
      assert.match(error.message, /invalid_client.*AADSTS7000215/s);
    });

    check("an unknown application is unauthorized_client with AADSTS700016", async ({ sandbox, identityOptions }) => {
      const error = await failure(new ClientSecretCredential(sandbox.tenantId, "00000000-0000-0000-0000-000000000001", "x", identityOptions).getToken(scope));
      assert.match(error.message, /unauthorized_client|AADSTS700016/);
    });

    check("an unknown tenant is refused with AADSTS90002", async ({ sandbox, identityOptions }) => {
      const error = await failure(new ClientSecretCredential("00000000-0000-0000-0000-000000000002", sandbox.clientId, sandbox.clientSecret, identityOptions).getToken(scope));
      assert.match(error.message, /AADSTS90002|invalid_tenant|endpoints_resolution_error/);
    });

    check("an unknown resource is refused with AADSTS500011", async ({ credential }) => {
      const error = await failure(credential.getToken("https://nothing.example.com/.default"));
      assert.match(error.message, /AADSTS500011/);
    });

    check("a managed identity signs in as in App Service and Automation", async (world) => {
      const { claims, minutes } = await managed(appService(world), scope);
      assert.equal(claims.appid, world.sandbox.managedIdentity.clientId);
      assert.ok(minutes > 1, `${minutes}`);
    });

    check("a user-assigned managed identity signs in by its client id", async (world) => {
      const { claims } = await managed(appService(world), scope, world.sandbox.managedIdentity.clientId);
      assert.equal(claims.appid, world.sandbox.managedIdentity.clientId);
    });

    check("an unknown managed identity is refused", async (world) => {
      assert.match((await managed(appService(world), scope, "00000000-0000-0000-0000-000000000003")).refusal, refusals);
    });

    check("a managed identity with a wrong header is refused", async (world) => {
      assert.match((await managed({ ...appService(world), IDENTITY_HEADER: "wrong" }, scope)).refusal, refusals);
    });

    check("a managed identity signs in as on a virtual machine (IMDS)", async (world) => {
      const { claims } = await managed({ AZURE_POD_IDENTITY_AUTHORITY_HOST: world.sandbox.managedIdentity.imds }, scope);
      assert.equal(claims.appid, world.sandbox.managedIdentity.clientId);
      assert.match(claims.aud, /^https:\/\/management\.azure\.com/);
    });

    check("a user-assigned identity signs in on a virtual machine (IMDS)", async (world) => {
      const { claims } = await managed({ AZURE_POD_IDENTITY_AUTHORITY_HOST: world.sandbox.managedIdentity.imds }, scope, world.sandbox.managedIdentity.clientId);
      assert.equal(claims.appid, world.sandbox.managedIdentity.clientId);
    });

    check("ARM takes the token of a managed identity", async (world) => {
      const { token, minutes } = await managed(appService(world), scope);
      const client = world.client(ResourceManagementClient, {}, { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + minutes * 60_000 }) });
      assert.ok((await all(client.resourceGroups.list())).length >= 2);
    });

    check("the environment's credential signs in", (world) =>
      withEnvironment(environment(world), async () => {
        const token = await new EnvironmentCredential({ disableInstanceDiscovery: true }).getToken(scope);
        assert.equal(claims(token.token).appid, world.sandbox.clientId);
      }));

    check("the default chain takes the environment's credential", (world) =>
      withEnvironment(environment(world), async () => {
        const token = await new DefaultAzureCredential({ disableInstanceDiscovery: true }).getToken(scope);
        assert.equal(claims(token.token).appid, world.sandbox.clientId);
      }));

    check("ARM refuses a token that is none", async (world) => {
      const client = world.client(ResourceManagementClient, {}, { getToken: async () => ({ token: "e30.e30.c2ln", expiresOnTimestamp: Date.now() + 3_600_000 }) });
      const error = await refused(() => all(client.resourceGroups.list()), 401, "InvalidAuthenticationToken");
      assert.match(error.response.headers.get("www-authenticate"), /^Bearer authorization_uri="https:/);
    });

    check("ARM refuses a token for another audience", async (world) => {
      const client = world.client(ResourceManagementClient, {}, { getToken: () => world.credential.getToken("https://vault.azure.net/.default") });
      await refused(() => all(client.resourceGroups.list()), 401, "InvalidAuthenticationTokenAudience");
    });
  });
}
