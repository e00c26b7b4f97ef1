import { createSecureContext } from "node:tls";
import { expect, test } from "vitest";
import { cipherOrder, inOrder } from "./cipher-order.ts";

test("AES comes first, unless ChaCha20 is clearly faster", () => {
  expect(inOrder(1, 1)).toMatch(
    /^TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:/,
  );
  expect(inOrder(3, 1)).toMatch(/^TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:/);
});

test("all ciphers stay, and OpenSSL takes them", () => {
  const names = cipherOrder().split(":");
  expect(new Set(names).size).toBe(names.length);
  expect(() => createSecureContext({ ciphers: cipherOrder() })).not.toThrow();
  expect(names.length).toBeGreaterThan(6);
});
