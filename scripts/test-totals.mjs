// Reads Jest's JSON reports of a test run, and of the second try of the files that failed.
//   test-totals.mjs FIRST [SECOND]         prints the closing line: `N passed, N failed`
//   test-totals.mjs --failed-files FIRST   prints the files that failed, one a line
import { readFileSync } from 'node:fs';

const args = process.argv.slice(2);
const onlyFiles = args[0] === '--failed-files';
const [first, second] = args
  .filter((arg) => !arg.startsWith('--'))
  .map((file) => JSON.parse(readFileSync(file, 'utf8')));

const failedFiles = (report) =>
  report.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
const failedTests = (report) =>
  report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  );
// A file that could not be loaded ran no test at all: it counts as one failure.
const failures = (report) => report.numFailedTests + report.numRuntimeErrorTestSuites;

if (onlyFiles) {
  process.stdout.write(
    failedFiles(first)
      .map((file) => `${file}\n`)
      .join(''),
  );
} else {
  const skipped = first.numPendingTests + first.numTodoTests;
  const failed = failures(second ?? first);
  const passed = first.numPassedTests + (second ? failures(first) - failed : 0);
  if (second) {
    const still = new Set(failedTests(second));
    for (const name of failedTests(first))
      console.log(`${still.has(name) ? 'failed twice' : 'passed at the second try only'}: ${name}`);
  }
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
