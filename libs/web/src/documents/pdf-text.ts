import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from 'pdfjs-dist';
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url';
import { Unreadable, type OnProgress } from './reading.js';

GlobalWorkerOptions.workerSrc = workerUrl;

/** Where `vite.config.ts` puts the character maps. */
const MAPS = new URL(`${import.meta.env.BASE_URL}assets/cmaps/`, document.baseURI).href;

// Nothing is rendered: no fonts, no images, nothing that the page's policy forbids.
const TEXT_ALONE = { disableFontFace: true, useSystemFonts: false, useWasm: false };

/** The text of a PDF, each page under its own heading so that a source can refer to it. @throws Unreadable. */
export async function pdfText(bytes: Uint8Array, onProgress: OnProgress): Promise<string> {
  const loading = getDocument({ data: bytes, cMapUrl: MAPS, cMapPacked: true, ...TEXT_ALONE });
  try {
    return await textOf(await loading.promise, onProgress);
  } catch (error) {
    throw error instanceof Unreadable ? error : unreadable(error);
  } finally {
    await loading.destroy();
  }
}

async function textOf(pdf: PDFDocumentProxy, onProgress: OnProgress): Promise<string> {
  const pages: string[] = [];
  for (let number = 1; number <= pdf.numPages; number++) {
    pages.push(await pageText(pdf, number));
    onProgress(number / pdf.numPages);
  }
  if (pages.every((page) => page === ''))
    throw new Unreadable('This PDF contains images of pages but no text (a scan). Run it through OCR first.');
  if (pages.length === 1) return pages[0] ?? '';
  const titled = pages.map((page, index) => (page === '' ? '' : `## Page ${index + 1}\n\n${page}`));
  return titled.filter((page) => page !== '').join('\n\n');
}

async function pageText(pdf: PDFDocumentProxy, number: number): Promise<string> {
  const page = await pdf.getPage(number);
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

function unreadable(error: unknown): Unreadable {
  const name = error instanceof Error ? error.name : '';
  if (name === 'PasswordException')
    return new Unreadable('This PDF is encrypted. Save a copy without a password and add that.');
  return new Unreadable('This PDF is damaged and cannot be read.');
}
