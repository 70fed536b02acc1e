import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A text file to load. */
export interface TextFile {
  title: string;
  content: string;
}

const TEXT = /\.(md|mdx|txt|rst|adoc)$/i;
const SKIPPED = new Set(['node_modules', 'dist']);

/** Every text file in a folder and its subfolders. Hidden folders, dependencies and build output are left out. */
export async function readTexts(folder: string): Promise<TextFile[]> {
  const names = await findTexts(folder);
  const files = names.map(async (name) => ({
    title: path.relative(folder, name),
    content: await readFile(name, 'utf8'),
  }));
  return (await Promise.all(files)).filter((file) => file.content.trim() !== '');
}

async function findTexts(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const name = path.join(folder, entry.name);
    if (entry.isFile()) return TEXT.test(entry.name) ? [name] : [];
    const skipped = entry.name.startsWith('.') || SKIPPED.has(entry.name);
    return entry.isDirectory() && !skipped ? findTexts(name) : [];
  });
  return (await Promise.all(found)).flat().sort();
}
