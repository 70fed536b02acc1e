// Tools for mail. `node server.mjs` listens, `node server.mjs stdio` speaks over standard input and output.
import { z } from 'zod';
import { serve } from '../serve.mjs';
import { Inbox, Outbox } from './email.mjs';

const { SMTP_URL, MAIL_FROM, IMAP_URL } = process.env;
if (!SMTP_URL && !IMAP_URL)
  throw new Error('SMTP_URL with MAIL_FROM, or IMAP_URL, must be set. See README.md.');
if (SMTP_URL && !MAIL_FROM) throw new Error('MAIL_FROM must be set: the address from which mail is sent.');

const addresses = z.array(z.email()).max(50);
const attachment = z.object({
  filename: z.string().min(1).max(200),
  content: z.string(),
  content_type: z.string().max(200).optional(),
  encoding: z.enum(['text', 'base64']).default('text'),
});

const sending = (outbox) => ({
  name: 'send_email',
  title: 'Send an email',
  description: 'Sends an email.',
  readOnly: false,
  input: z.object({
    to: addresses.min(1).describe('Recipients'),
    cc: addresses.default([]),
    subject: z.string().min(1).max(500),
    body: z.string().min(1).describe('Plain text'),
    html: z.string().optional().describe('The same as HTML'),
    attachments: z.array(attachment).max(10).default([]),
  }),
  run: (args) => outbox.send(args),
});

const searching = (inbox) => ({
  name: 'search_emails',
  title: 'Search emails',
  description: 'Finds emails by words in subject, sender or text, newest first.',
  readOnly: true,
  input: z.object({
    query: z.string().min(1).max(500).describe('Words to look for'),
    folder: z.enum(['inbox', 'sent', 'drafts', 'trash']).default('inbox'),
    limit: z.int().min(1).max(100).default(10),
  }),
  run: (args) => inbox.search(args),
});

serve({
  name: 'email_tools',
  description: 'Sends and searches email',
  tools: [
    ...(SMTP_URL ? [sending(new Outbox({ url: SMTP_URL, from: MAIL_FROM }))] : []),
    ...(IMAP_URL ? [searching(new Inbox({ url: IMAP_URL }))] : []),
  ],
});
