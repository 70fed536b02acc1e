import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startApp } from '../app.js';
import { loadSettings } from '../platform/config/index.js';
import { readCommandLine } from '../platform/process/index.js';
import { Demo } from './demo.js';
import { readTexts } from './folder.js';
import { Printer } from './printer.js';

const USAGE = `Usage: npm run demo -- [--docs FOLDER] ["QUESTION"]

  --docs FOLDER  text files to ask about, instead of this project's own
  --help, -h     show this help
`;
const PROJECT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const DEFAULT_QUESTION = 'What happens to a run when its client disconnects?';

interface Arguments {
  docs: string;
  question: string;
}

/** @returns nothing if help was requested. @throws UsageError with what is wrong. */
function readArguments(): Arguments | undefined {
  const { values, flags, positionals } = readCommandLine(process.argv.slice(2), { names: ['docs'] });
  if (flags.has('help')) return undefined;
  return {
    docs: path.resolve(values['docs'] ?? PROJECT),
    question: positionals.join(' ').trim() || DEFAULT_QUESTION,
  };
}

async function run({ docs, question }: Arguments): Promise<boolean> {
  const printer = new Printer(process.stdout);
  printer.note(`Reading the text files in ${docs}`);
  const files = await readTexts(docs);
  const folder = mkdtempSync(path.join(tmpdir(), 'reprise-demo-'));
  printer.note('Starting Reprise with its own database');
  try {
    const app = await startApp(
      // Nobody but this program reaches it.
      loadSettings({
        LOG_LEVEL: 'error',
        ...process.env,
        ...{ PORT: '0', HOST: '127.0.0.1', AUTH_MODE: 'none', DATA_DIR: folder },
      }),
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

async function main(): Promise<number> {
  let given: Arguments | undefined;
  try {
    given = readArguments();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (!given) {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    return (await run(given)) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`The demo failed: ${(error as Error).message}\n`);
    return 1;
  }
}

process.exitCode = await main();
