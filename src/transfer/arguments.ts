import { readCommandLine, UsageError } from '../platform/process/index.js';
import { DEFAULT_TENANT, type TenantId } from '../common/index.js';
import { ChatIdPipe, MessageIdPipe, TenantIdPipe, UserIdPipe } from '../platform/http/index.js';
import type { ExportScope } from './exporter.js';

/** The usage of the commands. */
export const USAGE = {
  export: `Usage: npm run export -- --all --out FOLDER|FILE [--part-mb MB]
       npm run export -- --chat CHAT_ID | --message MESSAGE_ID [--out FILE]
       npm run export -- --user USER_ID [--tenant TENANT_ID] [--out FILE]

  --all               everything: users, documents and chats of all tenants
  --chat CHAT_ID      one chat
  --message ID        one question with its answer
  --user USER_ID      everything that is stored about one person: to hand it to them, not to import it
  --tenant TENANT_ID  with --user: theirs, if it is not "default"
  --out FOLDER|FILE   a FILE ends with .jsonl, or with .jsonl.gz to compress it; to continue an interrupted export
                      into a FOLDER, run it again. Without --out: standard output, which needs
                      \`npm run --silent export\`, because npm writes its own lines there
  --part-mb MB        in a FOLDER: size of its files before compression (default 64)
  --help, -h          show this help
`,
  import: `Usage: npm run import -- FILE|FOLDER [--user USER_ID]

  FILE|FOLDER     written by an export
  --user USER_ID  for one chat: its new owner, instead of the user in the file
  --help, -h      show this help

Existing data stays unchanged. To complete an interrupted import, run it again.
`,
};

/** What to export, and where to; without a destination to standard output. */
export interface ExportArguments {
  scope: ExportScope | { user: string; tenant: TenantId } | 'all';
  out: string | undefined;
  partBytes: number;
}

/** What to import, and for which user. */
export interface ImportArguments {
  file: string;
  user: string | undefined;
}

const MB = 1024 * 1024;
const PART_MB = 64;

/** @returns nothing if help is requested. @throws Error with what is wrong. */
export function readExportArguments(args: readonly string[]): ExportArguments | undefined {
  const names = ['chat', 'message', 'user', 'tenant', 'out', 'part-mb'];
  const { values, flags, positionals } = readCommandLine(args, { names, flags: ['all'] });
  if (flags.has('help')) return undefined;
  if (positionals.length > 0) throw new UsageError(`Unknown argument "${positionals.join(' ')}".`);
  const { chat, message, user, tenant, out } = values;
  if ([chat, message, user, flags.has('all') || undefined].filter((one) => one !== undefined).length !== 1)
    throw new UsageError('Use one of --all, --chat, --message and --user.');
  if (tenant !== undefined && user === undefined) throw new UsageError('--tenant is only for --user.');
  return { scope: scopeOf({ chat, message, user, tenant }), out, partBytes: partBytes(values['part-mb']) };
}

/** A chat, a message or a user by id; none of them: everything. */
function scopeOf({ chat, message, user, tenant }: Partial<Record<string, string>>): ExportArguments['scope'] {
  if (chat !== undefined) return { chat: new ChatIdPipe().transform(chat) };
  if (message !== undefined) return { message: new MessageIdPipe().transform(message) };
  if (user === undefined) return 'all';
  const theirs = new TenantIdPipe().transform(tenant ?? DEFAULT_TENANT) as TenantId;
  return { user: new UserIdPipe().transform(user), tenant: theirs };
}

function partBytes(text: string | undefined): number {
  const mb = text === undefined ? PART_MB : Number(text);
  if (!(mb > 0 && mb <= 4096)) throw new UsageError('--part-mb must be a number above 0 and at most 4096.');
  return mb * MB;
}

/** Whether a path names a file; otherwise a folder. */
export function isFileName(out: string): boolean {
  return /\.(jsonl|json|ndjson|gz)$/i.test(out);
}

/** @returns nothing if help is requested. @throws Error with what is wrong. */
export function readImportArguments(args: readonly string[]): ImportArguments | undefined {
  const { values, flags, positionals } = readCommandLine(args, { names: ['user'] });
  if (flags.has('help')) return undefined;
  const [file, ...others] = positionals;
  if (!file || others.length > 0) throw new UsageError('Name one file or folder.');
  const { user } = values;
  return { file, user: user === undefined ? undefined : new UserIdPipe().transform(user) };
}
