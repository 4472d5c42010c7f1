// A managed identity's token in a process of its own, because the client keeps its source and its tokens for the whole process:
// node managed-identity.mjs SCOPE [CLIENT-ID]. Prints the token's claims, or the refusal, as JSON.
import { ManagedIdentityCredential } from "@azure/identity";

const [scope, clientId] = process.argv.slice(2);
let answer;
try {
  const { token, expiresOnTimestamp } = await new ManagedIdentityCredential(clientId ? { clientId } : {}).getToken(scope);
  answer = { claims: JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString()), minutes: (expiresOnTimestamp - Date.now()) / 60_000, token };
} catch (error) {
  answer = { refusal: error.name, message: error.message };
}

console.log(JSON.stringify(answer));
process.exit(0);
