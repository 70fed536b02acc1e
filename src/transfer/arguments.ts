import { readCommandLine, UsageError } from '../platform/process/index.js';
import { ChatIdPipe, MessageIdPipe, UserIdPipe } from '../platform/http/index.js';
import type { ExportScope } from './exporter.js';

/** The usage of the commands. */
export const USAGE = {
  export: `Usage: npm run export -- --all --out FOLDER|FILE [--part-mb MB]
       npm run export -- --chat CHAT_ID | --message MESSAGE_ID [--out FILE]

  --all               everything: users, documents and chats of all tenants
  --chat CHAT_ID      one chat
  --message ID        one question with its answer
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
  scope: ExportScope | 'all';
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
  const names = ['chat', 'message', 'out', 'part-mb'];
  const { values, flags, positionals } = readCommandLine(args, { names, flags: ['all'] });
  if (flags.has('help')) return undefined;
  if (positionals.length > 0) throw new UsageError(`Unknown argument "${positionals.join(' ')}".`);
  const { chat, message, out } = values;
  if ([chat, message, flags.has('all') || undefined].filter((one) => one !== undefined).length !== 1)
    throw new UsageError('Use one of --all, --chat and --message.');
  return { scope: scopeOf(chat, message), out, partBytes: partBytes(values['part-mb']) };
}

/** A chat or a message by id; neither: everything. */
function scopeOf(chat: string | undefined, message: string | undefined): ExportScope | 'all' {
  if (chat !== undefined) return { chat: new ChatIdPipe().transform(chat) };
  return message === undefined ? 'all' : { message: new MessageIdPipe().transform(message) };
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
