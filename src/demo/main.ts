import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startApp } from '../app.js';
import { loadSettings } from '../platform/config/index.js';
import { Demo } from './demo.js';
import { readTexts } from './folder.js';
import { Printer } from './printer.js';

const USAGE = 'Usage: npm run demo -- [--docs FOLDER] "question"\n';
const PROJECT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const DEFAULT_QUESTION = 'What happens to a run when its client disconnects?';

interface Arguments {
  docs: string;
  question: string;
}

function readArguments(): Arguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      options: { docs: { type: 'string' } },
      allowPositionals: true,
    });
    return {
      docs: path.resolve(values.docs ?? PROJECT),
      question: positionals.join(' ').trim() || DEFAULT_QUESTION,
    };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return undefined;
  }
}

async function run({ docs, question }: Arguments): Promise<boolean> {
  const printer = new Printer(process.stdout);
  const files = await readTexts(docs);
  const folder = mkdtempSync(path.join(tmpdir(), 'reprise-demo-'));
  try {
    const app = await startApp(
      loadSettings({ LOG_LEVEL: 'error', ...process.env, PORT: '0', DATA_DIR: folder }),
    );
    try {
      printer.note(`Reprise runs on ${app.url}, its data in ${folder}`);
      const demo = new Demo(app.url, printer);
      await demo.load(files);
      return await demo.ask(question);
    } finally {
      await app.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const given = readArguments();
if (!given) {
  process.stderr.write(USAGE);
  process.exit(2);
}
try {
  process.exitCode = (await run(given)) ? 0 : 1;
} catch (error) {
  process.stderr.write(`The demo failed: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
