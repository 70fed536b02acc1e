import { EmbeddedMongoUnavailable } from './errors.js';
import { newerGlibc } from './glibc.js';

/** What decides whether the engine's binary can be loaded. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** `undefined` if there is no glibc: musl, macOS, Windows. */
  readonly glibc: string | undefined;
}

const GLIBC_NEEDED = [2, 38] as const;

/** This process's machine. */
export function thisMachine(): Machine {
  return { platform: process.platform, arch: process.arch, glibc: glibcVersion() };
}

/**
 * The start of the command line that runs Node with a C library into which the engine can be loaded: Node itself, or
 * Node with a newer glibc, fetched once.
 * @throws EmbeddedMongoUnavailable
 */
export async function nodeCommand(machine = thisMachine()): Promise<readonly string[]> {
  const reason = whyUnsupported(machine);
  if (reason !== undefined) throw new EmbeddedMongoUnavailable(reason);
  if (machine.glibc === undefined || isRecent(machine.glibc)) return [process.execPath];
  const { loader, libraries } = await newerGlibc(machine.glibc);
  return [loader, '--library-path', libraries, process.execPath];
}

function whyUnsupported({ platform, arch, glibc }: Machine): string | undefined {
  const system = `${platform}-${arch}`;
  if (system === 'darwin-arm64') return undefined;
  if (system !== 'linux-x64' && system !== 'linux-arm64') return `there is no engine for ${system}`;
  return glibc === undefined ? 'it needs glibc, and this Linux uses another C library (musl?)' : undefined;
}

function isRecent(glibc: string): boolean {
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  return major > GLIBC_NEEDED[0] || (major === GLIBC_NEEDED[0] && minor >= GLIBC_NEEDED[1]);
}

function glibcVersion(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  // Newer than the types of Node 20.
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  const { excludeNetwork = false } = report;
  report.excludeNetwork = true; // otherwise the report resolves the names of every open connection first
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  report.excludeNetwork = excludeNetwork;
  return header.glibcVersionRuntime;
}
