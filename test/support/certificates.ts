import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Files of an authority and of what it has signed. */
export interface Certificates {
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
}

/** Make an authority in `folder`, with a certificate for 127.0.0.1 and one for a program. */
export function makeCertificates(folder: string, name: string): Certificates {
  const file = (suffix: string): string => join(folder, `${name}-${suffix}`);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { stdio: "ignore" });
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    file("ca.key"),
    "-out",
    file("ca.pem"),
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
  );
  const sign = (who: string, extensions: string): { cert: string; key: string } => {
    writeFileSync(file(`${who}.ext`), extensions);
    openssl("req", ...key, "-keyout", file(`${who}.key`), "-out", file(`${who}.csr`), "-subj", `/CN=${who}`);
    openssl(
      "x509",
      "-req",
      "-in",
      file(`${who}.csr`),
      "-CA",
      file("ca.pem"),
      "-CAkey",
      file("ca.key"),
      "-CAcreateserial",
      "-out",
      file(`${who}.pem`),
      "-days",
      "2",
      "-extfile",
      file(`${who}.ext`),
    );
    return { cert: file(`${who}.pem`), key: file(`${who}.key`) };
  };
  return {
    ca: file("ca.pem"),
    server: sign("server", "subjectAltName=IP:127.0.0.1,DNS:localhost\n"),
    client: sign("client", "extendedKeyUsage=clientAuth\n"),
  };
}
