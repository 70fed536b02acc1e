// Reads Jest's JSON reports of a test run, and of the second try of the files that failed.
//   test-totals.mjs FIRST [SECOND]         prints the closing line: `N passed, N failed`
//   test-totals.mjs --failed-files FIRST   prints the files that failed, one a line
import { readFileSync } from 'node:fs';

const [option, ...rest] = process.argv.slice(2);
const onlyFiles = option === '--failed-files';
const [first, second] = (onlyFiles ? rest : [option, ...rest]).map(
  (file) => JSON.parse(readFileSync(file, 'utf8')).testResults,
);

const hasFailed = ({ status }) => status === 'failed';
const testsOf = (files) => files.flatMap(({ assertionResults }) => assertionResults);
const failedTests = (files) =>
  testsOf(files)
    .filter(hasFailed)
    .map(({ fullName }) => fullName);
// A file that could not be loaded ran no tests: it counts as one failure.
const brokenFiles = (files) =>
  files.filter((file) => hasFailed(file) && !file.assertionResults.some(hasFailed));

if (onlyFiles) {
  for (const { name } of first.filter(hasFailed)) console.log(name);
} else {
  const again = new Map((second ?? []).map((file) => [file.name, file]));
  const files = first.map((file) => again.get(file.name) ?? file);
  const still = new Set(failedTests(files));
  for (const name of second ? failedTests(first) : [])
    console.log(`${still.has(name) ? 'failed twice' : 'passed only on the second attempt'}: ${name}`);
  const passed = testsOf(files).filter(({ status }) => status === 'passed').length;
  const failed = failedTests(files).length + brokenFiles(files).length;
  const skipped = testsOf(files).length - passed - failedTests(files).length;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
