import { SourceError } from "./frame-source.ts";
import type { UsbIdentity, VideoNode } from "./video-node.ts";

/**
 * How a camera is named so that it is found again under any number: `SERIAL`, `VENDOR:PRODUCT`, `VENDOR:PRODUCT:SERIAL`,
 * or a port as in {@link UsbIdentity} `port` or `place`, with `:1.2` behind it for an interface of its own. Behind an `@`: the
 * port to take where several have the same serial.
 */
const PORT = /^\d+-\d+(\.\d+)*(:\d+\.\d+)?$/;
const MODEL = /^([0-9a-f]{4}):([0-9a-f]{4})(?::(.+))?$/i;

/** The way to name `node` that stays: `usb:046d:0825:A1B2@…`, `usb:pci-…`, a link of udev; last its number. */
export function stableSource(node: VideoNode, nodes: readonly VideoNode[]): string {
  const { usb } = node;
  if (usb === undefined) return node.link ?? node.path;
  const [first] = interfaces(usb, nodes);
  if (first !== node) return `usb:${usb.place}:${usb.interface}`;
  if (usb.serial === undefined || !isPlain(usb.serial)) return `usb:${usb.place}`;
  return `usb:${usb.vendor}:${usb.product}:${usb.serial}@${usb.place}`;
}

/**
 * The node that `wanted` names, the part behind `usb:`.
 * @throws SourceError if there is none, or more than one
 */
export function findPlugged(wanted: string, nodes: readonly VideoNode[]): VideoNode {
  const at = wanted.lastIndexOf("@");
  const name = withoutPort(wanted);
  const found = matching(name, nodes);
  const [first, ...others] = found;
  if (first === undefined) throw new SourceError(`no camera "usb:${name}" is plugged in${offer(nodes)}`);
  if (others.length === 0) return first;
  const there =
    at === -1 ? undefined : found.find(({ usb }) => usb !== undefined && isAt(usb, wanted.slice(at + 1)));
  if (there !== undefined) return there;
  const ports = found.map(({ usb }) => `usb:${usb?.place}`).join(" or ");
  throw new SourceError(`"usb:${name}" is more than one camera: expected its port, ${ports}`);
}

/** Whether there is at least one node that `wanted` names. */
export function isPlugged(wanted: string, nodes: readonly VideoNode[]): boolean {
  return matching(withoutPort(wanted), nodes).length > 0;
}

function withoutPort(wanted: string): string {
  const at = wanted.lastIndexOf("@");
  return at === -1 ? wanted : wanted.slice(0, at);
}

function matching(name: string, nodes: readonly VideoNode[]): VideoNode[] {
  const firsts = nodes.filter((node) => node.usb !== undefined && interfaces(node.usb, nodes)[0] === node);
  const model = MODEL.exec(name);
  if (model !== null) {
    const [, vendor, product, serial] = model;
    return firsts.filter(
      ({ usb }) =>
        usb?.vendor === vendor?.toLowerCase() &&
        usb?.product === product?.toLowerCase() &&
        (serial === undefined || usb?.serial === serial),
    );
  }
  const serials = firsts.filter(({ usb }) => usb?.serial === name);
  if (serials.length > 0 && !PORT.test(name)) return serials;
  const ports = firsts.filter(({ usb }) => usb !== undefined && isAt(usb, name));
  if (ports.length > 0) return ports;
  return nodes.filter(
    ({ usb }) =>
      usb !== undefined && [usb.port, usb.place].some((port) => `${port}:${usb.interface}` === name),
  );
}

function isAt(usb: UsbIdentity, port: string): boolean {
  return usb.port === port || usb.place === port;
}

/** The nodes of one device, in the order of its interfaces. */
function interfaces(usb: UsbIdentity, nodes: readonly VideoNode[]): VideoNode[] {
  const same = nodes.filter((node) => node.usb?.port === usb.port);
  return same.sort((a, b) =>
    (a.usb?.interface ?? "").localeCompare(b.usb?.interface ?? "", "en", { numeric: true }),
  );
}

/** Whether a serial can stand in a source: devices may say anything. */
function isPlain(serial: string): boolean {
  return /^[\w.-]{1,64}$/.test(serial);
}

function offer(nodes: readonly VideoNode[]): string {
  const names = nodes.flatMap((node) => (node.usb === undefined ? [] : [stableSource(node, nodes)]));
  return names.length === 0 ? "" : `; there are ${names.join(", ")}`;
}
