// Writes docs/troubleshooting.md from the checks of /health/diagnose. `--check` changes nothing and fails if the page is
// out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { troubleshootingPage } from '../dist/health/diagnosis/troubleshooting-page.js';

const page = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../docs/troubleshooting.md');
const text = await format(troubleshootingPage(), { parser: 'markdown', printWidth: 110 });

if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/troubleshooting.md is out of date. Run: npm run troubleshooting-page');
  process.exit(1);
}
