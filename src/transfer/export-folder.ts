import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { TransferError } from './errors.js';
import { replaceFile, writeExportFile } from './export-file.js';
import { recordsOf, type Item, type Position } from './everything.js';
import { toLines } from './exporter.js';
import { HEADER_OF_ALL } from './records.js';

const MANIFEST = 'export.json';
const LOCK = 'export.lock';
const PART = /^part-\d{6}\.jsonl\.gz$/;

const position = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('user'),
    after: z.strictObject({ tenant_id: z.string(), user_id: z.string() }),
  }),
  z.strictObject({ kind: z.literal('document'), after: z.string() }),
  z.strictObject({ kind: z.literal('chat'), after: z.string() }),
]);

const manifestSchema = z.strictObject({
  type: z.literal('reprise-export-folder'),
  v: z.literal(1),
  begun_at: z.iso.datetime(),
  /** When the last part was written. Without it the export is not finished. */
  finished_at: z.iso.datetime().optional(),
  parts: z.array(z.strictObject({ file: z.string().regex(PART), records: z.int().nonnegative() })),
  /** The position where the next part continues. */
  next: position.optional(),
});

type Manifest = z.infer<typeof manifestSchema>;

/** Everything as a folder: parts that are complete files, and a manifest that says which of them count. */
export class ExportFolder {
  private constructor(
    private readonly folder: string,
    private manifest: Manifest,
  ) {}

  /**
   * A folder to export into: new, empty, or with an interrupted export.
   * @throws TransferError if it contains something else or a finished export, or another export is using it.
   */
  static async forExport(folder: string, now: Date): Promise<ExportFolder> {
    await mkdir(folder, { recursive: true });
    const manifest = await manifestToGoOnWith(folder);
    await lock(folder);
    const begun_at = now.toISOString();
    return new ExportFolder(folder, manifest ?? { type: 'reprise-export-folder', v: 1, begun_at, parts: [] });
  }

  /** The files of a finished export, in order. @throws TransferError if it is unfinished, or a file is missing. */
  static async files(folder: string): Promise<string[]> {
    const { finished_at, parts } = await readManifest(folder);
    if (finished_at === undefined)
      throw new TransferError(
        `The export in ${folder} was interrupted. Run the same export again to continue it.`,
      );
    const names = new Set(await readdir(folder));
    const missing = parts.find(({ file }) => !names.has(file));
    if (missing) throw new TransferError(`The export in ${folder} is missing its file ${missing.file}.`);
    return parts.map(({ file }) => path.join(folder, file));
  }

  /** The position after which to continue; nothing at the beginning. */
  get next(): Position | undefined {
    return this.manifest.next;
  }

  /**
   * Writes all parts. @param partBytes a part that exceeds this (before compression) ends at the next possible place.
   */
  async write(items: AsyncIterable<Item>, partBytes: number): Promise<void> {
    const source = new PartSource(items[Symbol.asyncIterator](), partBytes);
    while (await source.hasMore()) await this.writePart(source);
    this.manifest = { ...this.manifest, finished_at: new Date().toISOString() };
    await this.save();
  }

  /** Makes the folder available to other exports. */
  async close(): Promise<void> {
    await rm(path.join(this.folder, LOCK), { force: true });
  }

  private async writePart(source: PartSource): Promise<void> {
    const { parts } = this.manifest;
    const file = `part-${String(parts.length + 1).padStart(6, '0')}.jsonl.gz`;
    const lines = toLines(HEADER_OF_ALL, recordsOf(source.part()), new Date());
    await writeExportFile(path.join(this.folder, file), source.measured(lines));
    const { last } = source;
    this.manifest = {
      ...this.manifest,
      parts: [...parts, { file, records: source.records }],
      ...(last && { next: last }),
    };
    await this.save();
  }

  private async save(): Promise<void> {
    await replaceFile(path.join(this.folder, MANIFEST), `${JSON.stringify(this.manifest, null, 2)}\n`);
  }
}

/** Splits a stream of items into parts. */
class PartSource {
  /** Where the last complete item ended. */
  last: Position | undefined;
  /** In the most recently read part. */
  records = 0;
  private ahead: IteratorResult<Item, unknown> | undefined;
  private bytes = 0;

  constructor(
    private readonly items: AsyncIterator<Item, unknown>,
    private readonly partBytes: number,
  ) {}

  async hasMore(): Promise<boolean> {
    this.ahead ??= await this.items.next();
    return !this.ahead.done;
  }

  async *part(): AsyncGenerator<Item, void, undefined> {
    this.bytes = 0;
    this.records = 0;
    for (let next = await this.take(); !next.done; next = await this.take()) {
      const item = next.value;
      yield item;
      if ('record' in item) this.records++;
      else this.last = item.whole;
      if ('whole' in item && this.bytes >= this.partBytes) return;
    }
  }

  /** The item that was peeked at, or the next one. The end is kept for the caller to see. */
  private async take(): Promise<IteratorResult<Item, unknown>> {
    const next = this.ahead ?? (await this.items.next());
    this.ahead = next.done ? next : undefined;
    return next;
  }

  /** Counts what passes through. */
  async *measured(lines: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
    for await (const line of lines) {
      this.bytes += Buffer.byteLength(line);
      yield line;
    }
  }
}

/** @throws TransferError if it is not possible to export into the folder. */
async function manifestToGoOnWith(folder: string): Promise<Manifest | undefined> {
  const names = (await readdir(folder)).filter((name) => name !== LOCK && !name.endsWith('.part'));
  if (names.includes(MANIFEST)) {
    const manifest = await readManifest(folder);
    if (manifest.finished_at === undefined) return manifest;
    throw new TransferError(
      `The folder ${folder} already contains an export, finished at ${manifest.finished_at}. Name another folder.`,
    );
  }
  // A first part without a manifest: the export was interrupted between the two.
  if (names.every((name) => PART.test(name))) return undefined;
  throw new TransferError(
    `The folder ${folder} contains something else. Name a folder that is empty or does not exist.`,
  );
}

async function readManifest(folder: string): Promise<Manifest> {
  const file = path.join(folder, MANIFEST);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new TransferError(`The folder ${folder} is not an export: it has no ${MANIFEST}.`);
  });
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    throw new TransferError(`${file} was not written by an export.`);
  }
}

/** One export at a time writes into a folder. A lock whose process has exited no longer counts. */
async function lock(folder: string): Promise<void> {
  const file = path.join(folder, LOCK);
  const holder = Number(await readFile(file, 'utf8').catch(() => '0'));
  if (holder > 0 && holder !== process.pid && isRunning(holder))
    throw new TransferError(
      `Another export (process ${holder}) is writing into ${folder}. If that is not the case, delete ${file}.`,
    );
  await rm(file, { force: true });
  await writeFile(file, String(process.pid), { flag: 'wx' });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
