import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppModule } from '../app.module.js';
import { AppError, DEFAULT_TENANT } from '../common/index.js';
import { loadSettings, SettingsError, type Settings } from '../platform/config/index.js';
import { openMongo } from '../platform/mongo/index.js';
import {
  readExportArguments,
  readImportArguments,
  USAGE,
  type ExportArguments,
  type ImportArguments,
} from './arguments.js';
import { TransferError } from './errors.js';
import { Exporter } from './exporter.js';
import { Importer } from './importer.js';
import { TransferModule } from './transfer.module.js';

/** What a command has of its process. */
export interface CommandIo {
  env: Readonly<Record<string, string | undefined>>;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
}

type Name = keyof typeof USAGE;
type Work = (services: INestApplicationContext) => Promise<void>;

const DAY_MS = 86_400_000;

/** Runs `export` or `import`. @returns the exit code: 0 done, 1 refused or failed, 2 called in a wrong way. */
export async function runCommand(name: string | undefined, args: string[], io: CommandIo): Promise<number> {
  if (name !== 'export' && name !== 'import') {
    io.stderr.write(USAGE.export + USAGE.import);
    return 2;
  }
  let work: (settings: Settings) => Work;
  try {
    work = prepare(name, args, io);
  } catch (error) {
    io.stderr.write(`${(error as Error).message}\n${USAGE[name]}`);
    return 2;
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

function prepare(name: Name, args: string[], io: CommandIo): (settings: Settings) => Work {
  if (name === 'export') {
    const given = readExportArguments(args);
    return () => (services) => exportTo(services.get(Exporter), given, io);
  }
  const given = readImportArguments(args);
  return (settings) => (services) => importFrom(services.get(Importer), { ...given, settings }, io);
}

/** The file appears when it is whole. */
async function exportTo(exporter: Exporter, { scope, out }: ExportArguments, io: CommandIo): Promise<void> {
  const remark = (text: string): void => {
    io.stderr.write(`${text}\n`);
  };
  const lines = Readable.from(exporter.lines(DEFAULT_TENANT, scope, remark));
  if (out === undefined) {
    await pipeline(lines, io.stdout, { end: false });
    return;
  }
  const part = `${out}.part`;
  try {
    await pipeline(lines, createWriteStream(part));
    await rename(part, out);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  remark(`Exported to ${out}.`);
}

async function importFrom(
  importer: Importer,
  { file, user, settings }: ImportArguments & { settings: Settings },
  io: CommandIo,
): Promise<void> {
  const { tally, oldestEnd } = await importer.import(file, { tenant: DEFAULT_TENANT, user });
  io.stdout.write(`Imported ${file}: ${tally.toString()}.\n`);
  const days = settings.EVENT_RETENTION_DAYS;
  if (days !== undefined && oldestEnd < Date.now() - days * DAY_MS)
    io.stderr.write(
      'EVENT_RETENTION_DAYS is set: logs of runs that ended before that will be deleted again.\n',
    );
}

/** The services without the doors: nothing listens, no run is executed, nothing is swept. */
async function withServices(settings: Settings, work: Work): Promise<void> {
  const passive = { ...settings, ROLE: 'api' as const, REDIS_URL: undefined };
  const mongo = await openMongo(settings);
  try {
    @Module({ imports: [AppModule.with(passive, mongo.uri), TransferModule] })
    class CommandModule {}
    // Not a bare context: some modules want the HTTP adapter. It is never told to listen.
    const services = await NestFactory.create(CommandModule, { logger: false, abortOnError: false });
    try {
      await services.init();
      await work(services);
    } finally {
      await services.close();
    }
  } finally {
    await mongo.stop();
  }
}

function isExpected(error: unknown): error is Error {
  if (error instanceof TransferError || error instanceof AppError || error instanceof SettingsError)
    return true;
  // Of the file system (no such file, no space), of the database (not there), of the embedded engine.
  return (
    error instanceof Error && (/^E[A-Z]+$/.test(codeOf(error)) || /^Mongo|^EmbeddedMongo/.test(error.name))
  );
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
