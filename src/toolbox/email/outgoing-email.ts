import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import { z } from 'zod';
import { ToolError } from '../../tools/index.js';
import { htmlText, isHtml } from './html-text.js';

const SUBJECT_MAX_CHARS = 300;
const BODY_MAX_CHARS = 200_000;
const ATTACHMENTS_MAX_BYTES = 5_000_000;
/** A line break in a header would begin another header. */
const ONE_LINE = /^[^\p{Cc}\u2028\u2029]*$/u;
const ONE_LINE_TEXT = 'must be one line';

const address = z.email().max(254);
const attachment = z.object({
  filename: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}/\\]*$/u, 'must be a file name without a folder')
    .describe('Name of the file'),
  content: z.string().max(8_000_000).describe('The file itself'),
  content_type: z
    .string()
    .max(100)
    .regex(/^[\w.+-]+\/[\w.+-]+$/, 'must be a media type such as text/csv')
    .optional()
    .describe('Media type; default: by the name'),
  encoding: z.enum(['utf8', 'base64']).default('utf8').describe('How content is written'),
});

/** The arguments of `send_email`. */
export const emailParameters = z.object({
  to: z.array(address).min(1).max(20).describe('Addresses of the recipients'),
  subject: z.string().trim().min(1).max(SUBJECT_MAX_CHARS).regex(ONE_LINE, ONE_LINE_TEXT).describe('Subject'),
  body: z.string().trim().min(1).max(BODY_MAX_CHARS).describe('Text, or HTML'),
  cc: z.array(address).max(20).default([]).describe('Addresses that get a copy'),
  attachments: z.array(attachment).max(10).default([]).describe('Files to send along'),
});
export type EmailArguments = z.output<typeof emailParameters>;

/** An e-mail as it goes over the wire. */
export interface BuiltEmail {
  message_id: string;
  raw: Buffer;
}

/** What makes two sendings of one call the same e-mail. */
export interface CallId {
  message_id: string;
  call_id: string;
}

/**
 * Builds an e-mail. One call always gets the same `Message-ID`, so that mail programs show it once.
 * @throws ToolError `invalid_arguments` if the attachments are too large.
 */
export async function buildEmail(args: EmailArguments, from: string, call: CallId): Promise<BuiltEmail> {
  const files = args.attachments.map(({ filename, content, content_type, encoding }) => ({
    filename,
    content: Buffer.from(content, encoding),
    ...(content_type !== undefined && { contentType: content_type }),
  }));
  const size = files.reduce((sum, { content }) => sum + content.byteLength, 0);
  if (size > ATTACHMENTS_MAX_BYTES)
    throw new ToolError(
      `The attachments have ${size} bytes; ${ATTACHMENTS_MAX_BYTES} are allowed.`,
      'invalid_arguments',
    );
  const html = isHtml(args.body);
  const message_id = `<${digest(call)}@${from.split('@').at(-1) ?? 'localhost'}>`;
  const composer = new MailComposer({
    from,
    to: args.to,
    cc: args.cc,
    subject: args.subject,
    messageId: message_id,
    text: html ? htmlText(args.body) : args.body,
    ...(html && { html: args.body }),
    attachments: files,
    // nothing is read but what is here
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return { message_id, raw: await composer.compile().build() };
}

function digest({ message_id, call_id }: CallId): string {
  return createHash('sha256').update(`${message_id} ${call_id}`).digest('hex').slice(0, 32);
}
