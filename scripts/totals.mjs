// Prints the test runner's own totals alone on a line, from the report that it wrote.
import { readFileSync } from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2] ?? ".cache/test-results.json", "utf8"));
const skipped = report.numPendingTests + report.numTodoTests;
const tail = skipped === 0 ? "" : `, ${skipped} skipped`;
process.stdout.write(`${report.numPassedTests} passed, ${report.numFailedTests} failed${tail}\n`);
process.exit(report.success && report.numTotalTests > 0 ? 0 : 1);
