// Writes docs/settings.md from the schema: the schema is the one place that knows the settings.
// `--check` changes nothing and fails when the page is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { settingsTable } from '../dist/platform/config/settings-table.js';

const page = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../docs/settings.md');
const text = await format(
  `# Settings

Environment variables, read once at the start. A wrong value stops the start with a sentence that names it.
This page is written by \`npm run settings-table\`.

${settingsTable()}`,
  { parser: 'markdown', printWidth: 110 },
);

if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/settings.md is out of date: npm run settings-table');
  process.exit(1);
}
