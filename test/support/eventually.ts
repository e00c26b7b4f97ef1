import { vi } from "vitest";

/** How long anything may take. Conditions are awaited, so this is only spent by what is broken, and a busy machine is not. */
const PATIENCE_MS = 15_000;

/** Wait until `check` does not throw. */
export async function eventually(check: () => unknown, timeout = PATIENCE_MS): Promise<void> {
  await vi.waitFor(check, { timeout, interval: 5 });
}
