// Where the engines of the workers keep their data; see engine-environment.js.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export default function globalSetup() {
  process.env.TEST_ENGINES = mkdtempSync(path.join(tmpdir(), 'reprise-test-'));
}
