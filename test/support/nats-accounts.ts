import { nkeys } from "@nats-io/transport-node";

/** A server's configuration in operator mode, and the credentials file of one user. */
export function makeAccounts(): { readonly config: string; readonly credentials: string } {
  const operator = nkeys.createOperator();
  const account = nkeys.createAccount();
  const user = nkeys.createUser();
  const name = (pair: typeof user): string => pair.getPublicKey();
  const base64 = (value: string | Uint8Array): string => Buffer.from(value).toString("base64url");
  const sign = (by: typeof user, subject: string, nats: Readonly<Record<string, unknown>>): string => {
    const claims = {
      jti: "test",
      iat: Math.floor(Date.now() / 1000),
      iss: name(by),
      name: "test",
      sub: subject,
    };
    const header = base64(JSON.stringify({ typ: "JWT", alg: "ed25519-nkey" }));
    const body = base64(JSON.stringify({ ...claims, nats: { ...nats, version: 2 } }));
    return `${header}.${body}.${base64(by.sign(new TextEncoder().encode(`${header}.${body}`)))}`;
  };
  const limits = {
    subs: -1,
    data: -1,
    payload: -1,
    imports: -1,
    exports: -1,
    wildcards: true,
    conn: -1,
    leaf: -1,
  };
  const operatorJwt = sign(operator, name(operator), { type: "operator" });
  const accountJwt = sign(operator, name(account), { type: "account", limits });
  const userJwt = sign(account, name(user), { type: "user", subs: -1, data: -1, payload: -1 });
  const seed = new TextDecoder().decode(user.getSeed());
  return {
    config: `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload: { ${name(account)}: ${accountJwt} }\n`,
    credentials:
      `-----BEGIN NATS USER JWT-----\n${userJwt}\n------END NATS USER JWT------\n\n` +
      `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
  };
}
