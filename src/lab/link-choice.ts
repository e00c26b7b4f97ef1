import { LabError } from "./lab-error.ts";
import type { LinkKind } from "./measure.ts";
import { netnsRefusal } from "./netns-link.ts";
import type { Scenario } from "./scenario.ts";

/** What plays a link, and why that does. */
export interface LinkChoice {
  readonly kind: LinkKind;
  /** In a few words. */
  readonly why: string;
}

/**
 * What plays the link of this scenario: what is `wanted`, else the kernel wherever it can, since a rival is measured fairly only there. `noNetns`:
 * why it never can here, if so.
 * @throws LabError if netns is wanted and cannot be
 */
export function chooseLink(
  { name, link }: Pick<Scenario, "name" | "link">,
  wanted: LinkKind | undefined,
  noNetns: string | undefined,
): LinkChoice {
  if (wanted === "proxy") return { kind: "proxy", why: "as asked" };
  if (wanted === "netns" && noNetns !== undefined) throw new LabError(`--link netns: ${noNetns}`);
  const refusal = noNetns ?? netnsRefusal(link);
  if (refusal === undefined) return { kind: "netns", why: wanted === "netns" ? "as asked" : "real packets" };
  if (wanted === "netns") throw new LabError(`--link netns: ${name} cannot be played on it: ${refusal}`);
  return { kind: "proxy", why: `not netns: ${refusal}` };
}
