// Finds the text of one PDF in a thread of its own: a file may take any time and memory to read, if it wants to. It is
// JavaScript because a thread loads it as it stands, also where nothing is compiled.
import { createRequire } from 'node:module';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { getDocument, VerbosityLevel } from 'pdfjs-dist/legacy/build/pdf.mjs';

const require = createRequire(import.meta.url);
const MAPS = `${path.join(path.dirname(require.resolve('pdfjs-dist/package.json')), 'cmaps')}${path.sep}`;
// Nothing is rendered: no fonts, no images, no scripts.
const TEXT_ALONE = {
  cMapUrl: MAPS,
  cMapPacked: true,
  disableFontFace: true,
  isEvalSupported: false,
  useSystemFonts: false,
  useWasm: false,
  verbosity: VerbosityLevel.ERRORS,
};

/** Each page under its own heading, so that an answer can refer to it. */
async function textOf({ bytes, maxChars }) {
  const pdf = await getDocument({ data: bytes, ...TEXT_ALONE }).promise;
  const pages = [];
  let chars = 0;
  for (let number = 1; number <= pdf.numPages && chars <= maxChars; number++) {
    const text = await pageText(await pdf.getPage(number));
    chars += text.length;
    if (text !== '') pages.push(pdf.numPages === 1 ? text : `## Page ${number}\n\n${text}`);
  }
  return pages.join('\n\n');
}

async function pageText(page) {
  const { items } = await page.getTextContent();
  const text = items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join('');
  page.cleanup();
  return text
    .replaceAll('\0', '')
    .toWellFormed()
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

parentPort.postMessage({ kind: 'ready' });
try {
  parentPort.postMessage({ kind: 'text', text: await textOf(workerData) });
} catch (error) {
  parentPort.postMessage({ kind: 'fault', locked: error?.name === 'PasswordException' });
}
process.exit(); // the reader may have left something running
