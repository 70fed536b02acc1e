import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { stat } from 'node:fs/promises';
import { CoreModule } from '../core.module.js';
import { AuditLog } from '../audit/index.js';
import { AppError, DEFAULT_TENANT, type TenantId } from '../common/index.js';
import { PersonalData } from '../personal-data/index.js';
import { loadSettings, SettingsError, StartError, type Settings } from '../platform/config/index.js';
import { openMongo } from '../platform/mongo/index.js';
import { UsageError } from '../platform/process/index.js';
import {
  isFileName,
  readExportArguments,
  readImportArguments,
  USAGE,
  type ExportArguments,
  type ImportArguments,
} from './arguments.js';
import { TransferError } from './errors.js';
import { Everything, recordsOf, type Item, type Position } from './everything.js';
import { writeExport, writeExportFile } from './export-file.js';
import { ExportFolder } from './export-folder.js';
import { Exporter, toLines } from './exporter.js';
import { Importer } from './importer.js';
import { Progress } from './progress.js';
import { HEADER_OF_ALL } from './records.js';
import { TransferStore } from './transfer-store.js';
import { TransferModule } from './transfer.module.js';

/** What a command needs from its process. */
export interface CommandIo {
  env: Readonly<Record<string, string | undefined>>;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
}

type Name = keyof typeof USAGE;
type Work = (services: INestApplicationContext) => Promise<void>;

const DAY_MS = 86_400_000;

/** Runs `export` or `import`. @returns the exit code: 0 done, 1 rejected or failed, 2 called incorrectly. */
export async function runCommand(name: string | undefined, args: string[], io: CommandIo): Promise<number> {
  if (name !== 'export' && name !== 'import') {
    io.stderr.write(`${USAGE.export}\n${USAGE.import}`);
    return 2;
  }
  let work: ((settings: Settings) => Work) | undefined;
  try {
    work = prepare(name, args, io);
  } catch (error) {
    io.stderr.write(`${(error as Error).message}\n\n${USAGE[name]}`);
    return 2;
  }
  if (!work) {
    io.stdout.write(USAGE[name]);
    return 0;
  }
  try {
    const settings = loadSettings(io.env);
    await withServices(settings, work(settings));
    return 0;
  } catch (error) {
    io.stderr.write(
      `The ${name} failed: ${isExpected(error) ? error.message : String((error as Error).stack)}\n`,
    );
    return 1;
  }
}

function prepare(name: Name, args: string[], io: CommandIo): ((settings: Settings) => Work) | undefined {
  if (name === 'export') {
    const given = readExportArguments(args);
    if (given?.out === undefined) refuseBanner(io);
    return given && (() => (services) => exportTo(services, given, io));
  }
  const given = readImportArguments(args);
  return (
    given && ((settings) => (services) => importFrom(services.get(Importer), { ...given, settings }, io))
  );
}

/** npm's own output would become the beginning of the file. */
function refuseBanner({ env, stdout }: CommandIo): void {
  const banner = env['npm_lifecycle_event'] === 'export' && env['npm_config_loglevel'] !== 'silent';
  if (banner && !('isTTY' in stdout && stdout.isTTY))
    throw new UsageError(
      'npm writes its own lines to standard output, which is not a terminal here. Name a file with --out, or run `npm run --silent export`.',
    );
}

async function exportTo(
  services: INestApplicationContext,
  { scope, out, partBytes }: ExportArguments,
  io: CommandIo,
): Promise<void> {
  const remark = (text: string): void => {
    io.stderr.write(`${text}\n`);
  };
  if (scope !== 'all') {
    const lines =
      'user' in scope
        ? await personal(services, scope)
        : services.get(Exporter).lines(DEFAULT_TENANT, scope, remark);
    await (out === undefined ? writeExport(io.stdout, lines) : writeExportFile(out, lines));
    if (out !== undefined) remark(`Exported to ${out}.`);
    return;
  }
  const progress = new Progress('Exporting', remark, await shareOf(services.get(TransferStore)));
  const items = (from?: Position): AsyncIterable<Item> =>
    counted(services.get(Everything).items(from, remark), progress);
  if (out !== undefined && !isFileName(out)) await exportToFolder(out, { items, partBytes, remark });
  else {
    const lines = toLines(HEADER_OF_ALL, recordsOf(items()), new Date());
    await (out === undefined ? writeExport(io.stdout, lines) : writeExportFile(out, lines));
  }
  remark(`Exported ${progress.summary || 'an empty database'}${out === undefined ? '' : ` to ${out}`}.`);
}

/** Whoever can read the database may hand a person what is theirs; the audit log says that it was done. */
async function personal(
  services: INestApplicationContext,
  { user, tenant }: { user: string; tenant: TenantId },
): Promise<AsyncIterable<string>> {
  const data = services.get(PersonalData, { strict: false });
  const person = await data.find(tenant, user);
  const audit = services.get(AuditLog, { strict: false });
  await audit.recordFirst({ tenant }, { action: 'user_exported', user });
  return data.lines(person);
}

interface FolderExport {
  items: (from?: Position) => AsyncIterable<Item>;
  partBytes: number;
  remark: (text: string) => void;
}

async function exportToFolder(out: string, { items, partBytes, remark }: FolderExport): Promise<void> {
  const folder = await ExportFolder.forExport(out, new Date());
  try {
    if (folder.next) remark(`Continuing the unfinished export in ${out}.`);
    await folder.write(items(folder.next), partBytes);
  } finally {
    await folder.close();
  }
}

async function* counted(
  items: AsyncIterable<Item>,
  progress: Progress,
): AsyncGenerator<Item, void, undefined> {
  for await (const item of items) {
    if ('record' in item) progress.count(item.record);
    yield item;
  }
}

/** By the number of chats, documents and users: there are too many logs to count first. */
async function shareOf(
  store: TransferStore,
): Promise<(counts: ReadonlyMap<string, number>) => number | undefined> {
  const { chats, documents, users } = await store.estimate();
  const all = chats + documents + users;
  const done = (counts: ReadonlyMap<string, number>): number =>
    ['chat', 'document', 'user'].reduce((sum, kind) => sum + (counts.get(kind) ?? 0), 0);
  return (counts) => (all === 0 ? undefined : done(counts) / all);
}

async function importFrom(
  importer: Importer,
  { file, user, settings }: ImportArguments & { settings: Settings },
  io: CommandIo,
): Promise<void> {
  const isFolder = (await stat(file)).isDirectory();
  const files = isFolder ? await ExportFolder.files(file) : [file];
  const tell = (line: string): void => {
    io.stderr.write(`${line}\n`);
  };
  const { tally, oldestEnd } = await importer.import(files, { tenant: DEFAULT_TENANT, user }, tell);
  io.stdout.write(`Imported ${file}: ${tally.toString()}.\n`);
  const days = settings.EVENT_RETENTION_DAYS;
  if (days !== undefined && oldestEnd < Date.now() - days * DAY_MS)
    io.stderr.write(
      'EVENT_RETENTION_DAYS is set: logs of runs that ended before that will be deleted again.\n',
    );
}

/** The services without the doors: nothing listens, no run is executed, nothing is swept. */
async function withServices(settings: Settings, work: Work): Promise<void> {
  const passive = { ...settings, ROLE: 'api' as const, REDIS_URL: undefined, MCP_SERVERS_FILE: undefined };
  const mongo = await openMongo(settings);
  try {
    @Module({ imports: [CoreModule.with(passive, mongo.uri), TransferModule] })
    class CommandModule {}
    const services = await NestFactory.createApplicationContext(CommandModule, {
      logger: false,
      abortOnError: false,
    });
    try {
      await work(services);
    } finally {
      await services.close();
    }
  } finally {
    await mongo.stop();
  }
}

function isExpected(error: unknown): error is Error {
  const known = [TransferError, AppError, SettingsError, StartError];
  if (known.some((kind) => error instanceof kind)) return true;
  // From the file system (no such file, no space), the database (not there) or the embedded engine.
  return (
    error instanceof Error && (/^E[A-Z]+$/.test(codeOf(error)) || /^Mongo|^EmbeddedMongo/.test(error.name))
  );
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
