import { parseArgs } from 'node:util';
import { ChatIdPipe, MessageIdPipe, UserIdPipe } from '../platform/http/index.js';
import type { ExportScope } from './exporter.js';

/** How the commands are called. */
export const USAGE = {
  export: 'Usage: npm run export -- --chat CHAT_ID | --message MESSAGE_ID [--out FILE]\n',
  import: 'Usage: npm run import -- FILE [--user USER_ID]\n',
};

/** What to export, and where to; without a file to standard output. */
export interface ExportArguments {
  scope: ExportScope;
  out: string | undefined;
}

/** What to import, and for whom. */
export interface ImportArguments {
  file: string;
  user: string | undefined;
}

/** @throws Error with what is wrong. */
export function readExportArguments(args: string[]): ExportArguments {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { chat: text, message: text, out: text } });
  const { chat, message, out } = values;
  if ((chat === undefined) === (message === undefined)) throw new Error('Name a chat or a message.');
  if (out === '') throw new Error('--out needs the name of a file.');
  const scope =
    chat !== undefined
      ? { chat: new ChatIdPipe().transform(chat) }
      : { message: new MessageIdPipe().transform(message ?? '') };
  return { scope, out };
}

/** @throws Error with what is wrong. */
export function readImportArguments(args: string[]): ImportArguments {
  const { values, positionals } = parseArgs({
    args,
    options: { user: { type: 'string' } },
    allowPositionals: true,
  });
  const [file, ...others] = positionals;
  if (!file || others.length > 0) throw new Error('Name one file.');
  const user = values.user === undefined ? undefined : new UserIdPipe().transform(values.user);
  return { file, user };
}
