// Every export, and every public member of an exported class, has a doc comment. Reads the emitted declarations: what
// a user of the package sees.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const EXPORT = /^export (declare |interface |type |abstract |const |class |function )/;
const MEMBER =
  /^ {4}(?!private|#|constructor|\/?\*|\}|static \{)(?:static |readonly |get |set |async )*[\w[\].]+[?]?[(:<;]/;

const files = readdirSync("dist", { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".d.ts"))
  .map((name) => join("dist", name));

const bare = files.flatMap((file) => {
  const lines = readFileSync(file, "utf8").split("\n");
  let inClass = false;
  return lines.flatMap((line, index) => {
    // What a port demands is documented at the port.
    if (/^export declare (abstract )?class /.test(line)) inClass = !line.includes(" implements ");
    else if (line.startsWith("}")) inClass = false;
    // A re-export is documented where it is declared.
    const counts = (EXPORT.test(line) && !/^export (type )?\{/.test(line)) || (inClass && MEMBER.test(line));
    if (!counts) return [];
    const above = lines.slice(0, index).findLast((text) => text.trim() !== "") ?? "";
    if (above.trim().endsWith("*/")) return [];
    // A setter shares its getter's comment, and an overload its first one's.
    const name = /(\w+|\[Symbol\.\w+\])[?]?[(:<;]/.exec(line)?.[1];
    const sibling = name !== undefined && above.includes(name);
    return sibling ? [] : [`${file}:${index + 1}: no doc comment: ${line.trim()}`];
  });
});

for (const line of bare) process.stderr.write(`${line}\n`);
if (files.length === 0) process.stderr.write("dist/ has no declarations: run `npm run build` first\n");
process.stdout.write(`documented exports: ${files.length} files, ${bare.length} without a comment\n`);
process.exit(bare.length === 0 && files.length > 0 ? 0 : 1);
