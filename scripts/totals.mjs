// Prints what failed, each with its file and its first words, and the test runner's own totals alone on a line, from the report
// that it wrote: who sees only the end of a log sees why it is red.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

/** Lines of each failure: what was expected and what came fits, a whole page of a browser does not. */
const FAILURE_LINES = 12;

const report = JSON.parse(readFileSync(process.argv[2] ?? ".cache/test-results.json", "utf8"));
for (const { name, message, assertionResults } of report.testResults) {
  const file = relative(process.cwd(), name);
  const failed = assertionResults.filter(({ status }) => status === "failed");
  for (const { fullName, failureMessages } of failed) {
    const words = failureMessages.join("\n").split("\n").slice(0, FAILURE_LINES).join("\n  ");
    process.stdout.write(`failed: ${file} > ${fullName}\n  ${words}\n`);
  }
  // A file that could not be read, or whose set-up threw, has no test that failed.
  if (failed.length === 0 && message) process.stdout.write(`failed: ${file}\n  ${message}\n`);
}
const skipped = report.numPendingTests + report.numTodoTests;
const tail = skipped === 0 ? "" : `, ${skipped} skipped`;
process.stdout.write(`${report.numPassedTests} passed, ${report.numFailedTests} failed${tail}\n`);
process.exit(report.success && report.numTotalTests > 0 ? 0 : 1);
