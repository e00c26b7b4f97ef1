import { type EngineChoice, listDevices } from "../recorder/index.ts";

/** `cameras`: what can be opened here, for people or (`json`) for programs. */
export async function cameras(
  say: (line: string) => void,
  json: boolean,
  engine: EngineChoice,
): Promise<void> {
  const devices = await listDevices(engine);
  if (json) {
    say(JSON.stringify(devices));
    return;
  }
  if (devices.length === 0) say("no camera is plugged in; `test:` is always there");
  for (const { source, path, name, modes } of devices) {
    say(`${source}  ${name}${source === path || !path.startsWith("/dev/") ? "" : `, now ${path}`}`);
    for (const { format, width, height, rates } of modes) {
      say(`    ${format} ${width}x${height}${rates.length === 0 ? "" : ` at ${rates.join(", ")}/s`}`);
    }
  }
}
