import type { Edge } from "../server/edge.ts";
import type { Certificate } from "../server/tls/key-pair.ts";
import type { Program } from "./program.ts";
import { openStateFolder } from "./state-folder.ts";

/** Port at which a server is its host's own: no other service there can be meant by `http:`. */
const HTTPS_PORT = 443;

/**
 * Seconds for which a browser shall come over https alone, once it did: thirty days. Only where the certificate is one that
 * others vouch for, and only at the usual port: browsers mean all ports of a host by it, and a printer's page at another would be gone.
 */
const STRICT_TRANSPORT_SECONDS = 30 * 24 * 3600;

/** How a server is reached, with the certificate if that is over https. */
export interface Entry {
  readonly edge: Edge;
  readonly certificate: (Certificate & Disposable) | undefined;
}

/**
 * Open the certificate that the user wants, and say what else stands between the server and its clients.
 * @throws CertificateError if it cannot be used
 */
export async function openEntry({ config, environment, log }: Program): Promise<Entry> {
  const { tls, surroundings } = config.door;
  switch (tls.mode) {
    case "off":
      return { edge: { surroundings }, certificate: undefined };
    case "auto": {
      const { OwnCertificate } = await import("../server/tls/own-certificate.ts");
      const folder = openStateFolder(environment).path("tls");
      const certificate = await OwnCertificate.open({ folder, host: config.host, log });
      return { edge: { surroundings, authority: certificate.authority }, certificate };
    }
    case "files": {
      const { CertificateFiles } = await import("../server/tls/certificate-files.ts");
      const certificate = await CertificateFiles.open(tls.files, log);
      const strictTransportSeconds = config.port === HTTPS_PORT ? STRICT_TRANSPORT_SECONDS : undefined;
      return { edge: { surroundings, strictTransportSeconds }, certificate };
    }
  }
}
