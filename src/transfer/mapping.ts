import type { ToolCallDocument } from '../agent/index.js';
import type { ChatDocument } from '../chats/index.js';
import type { ArchivedDocument } from '../documents/index.js';
import type { ArchivedFile } from '../files/index.js';
import type { MessageDocument, RunFacet, RunStatus } from '../run-record/index.js';
import type { WorkspaceFile } from '../tools/index.js';
import type { UserDocument } from '../users/index.js';
import { Types } from 'mongoose';
import type {
  AnswerRecord,
  ChatRecord,
  DocumentRecord,
  FileRecord,
  QuestionRecord,
  ToolCallRecord,
  UploadRecord,
  UserRecord,
} from './records.js';

/** A document as it is in the database. */
export type Stored<T> = T & { _id: unknown };

/** What every imported document belongs to. */
export interface Owner {
  tenant_id: string;
  chat_id: string;
}

type RunRecord = QuestionRecord['run'];

/** As it will be read back: without undefined values, dates as text. */
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));

const dated = (text: string | null | undefined): Date | undefined =>
  typeof text === 'string' ? new Date(text) : undefined;

export function toChatRecord({
  _id: chat_id,
  user_id,
  title,
  instructions,
  model,
  auto_title,
  created_at,
  updated_at,
}: ChatDocument): ChatRecord {
  return plain({
    chat_id,
    user_id,
    title,
    instructions,
    model,
    ...(auto_title === true && { auto_title }),
    created_at,
    updated_at,
  }) as ChatRecord;
}

/** Like {@link toChatRecord}, with its tenant and the time that its next message must follow. */
export function toWholeChatRecord(chat: ChatDocument): ChatRecord {
  const { tenant_id, external_key, metadata, kept_until, last_message_at } = chat;
  return plain({
    tenant_id,
    ...toChatRecord(chat),
    external_key,
    metadata,
    kept_until,
    last_message_at,
  }) as ChatRecord;
}

export function fromChatRecord(record: ChatRecord, tenant_id: string): ChatDocument {
  const { chat_id, created_at, updated_at, last_message_at, kept_until, ...chat } = record;
  return defined({
    _id: chat_id,
    ...chat,
    tenant_id,
    created_at: new Date(created_at),
    updated_at: new Date(updated_at),
    last_message_at: dated(last_message_at),
    kept_until: dated(kept_until),
  }) as ChatDocument;
}

/** Of a question or an answer. An idempotency key and the holder of a run are left out. */
export function toMessageRecord(message: MessageDocument): QuestionRecord | AnswerRecord {
  const { _id, chat_id, role, content, status, metadata, created_at, reply_to, run } = message;
  const { agent, processing_time_ms, error } = message;
  return plain({
    message_id: _id.toHexString(),
    chat_id,
    role,
    content,
    status,
    metadata,
    created_at,
    agent: agent ?? undefined,
    processing_time_ms: processing_time_ms ?? undefined,
    error: error ?? undefined,
    ...(role === 'user'
      ? {
          instructions: message.instructions ?? undefined,
          attachments: message.attachments ?? undefined,
          parent_id: message.parent_id === null ? null : message.parent_id?.toHexString(),
          version_of: message.version_of?.toHexString(),
          run: run && toRunRecord(run),
        }
      : { reply_to: reply_to?.toHexString(), sources: message.sources ?? undefined }),
  }) as QuestionRecord | AnswerRecord;
}

/** Like {@link toMessageRecord}, with what is needed to continue a run and to recognise a repeated request. */
export function toWholeMessageRecord(message: MessageDocument): QuestionRecord | AnswerRecord {
  const record = toMessageRecord(message);
  if (record.role !== 'user') return record;
  const { open, exclusive, interrupts_at } = message.run ?? {};
  return plain({
    ...record,
    run: {
      ...record.run,
      ...(open === true && { open }),
      exclusive: exclusive ?? undefined,
      interrupts_at: interrupts_at ?? undefined,
    },
    idempotency: message.idempotency && {
      key: message.idempotency.key,
      fingerprint: message.idempotency.fingerprint,
    },
  }) as QuestionRecord;
}

export function toUploadRecord({
  tenant_id: _tenant,
  user_id: _user,
  bytes,
  ...file
}: ArchivedFile): UploadRecord {
  return plain({ ...file, content: bytes.toString('base64') }) as UploadRecord;
}

export function fromUploadRecord(
  { content, created_at, text, ...file }: UploadRecord,
  whose: Pick<ChatDocument, 'tenant_id' | 'user_id'>,
): ArchivedFile {
  const { tenant_id, user_id } = whose;
  const bytes = Buffer.from(content, 'base64');
  const known = { tenant_id, user_id, ...file, created_at: new Date(created_at), bytes };
  return text === undefined ? known : { ...known, text };
}

export function toUserRecord(user: UserDocument): UserRecord {
  const { tenant_id, user_id, name, email, created_at, last_active } = user;
  return plain({
    tenant_id,
    user_id,
    name: name ?? null,
    email: email ?? null,
    created_at,
    last_active,
  }) as UserRecord;
}

export function fromUserRecord({ created_at, last_active, ...user }: UserRecord): UserDocument {
  return { ...user, created_at: new Date(created_at), last_active: new Date(last_active) };
}

export function toDocumentRecord({ created_at, ...document }: ArchivedDocument): DocumentRecord {
  return plain({ ...document, created_at }) as DocumentRecord;
}

export function fromDocumentRecord({ created_at, ...document }: DocumentRecord): ArchivedDocument {
  return { ...document, created_at: new Date(created_at) };
}

function toRunRecord(run: RunFacet): RunRecord {
  const { attempt, handovers, cancel_requested, queued_at, started_at, ended_at } = run;
  const { usage, model, tool_calls, sources, failure, events_expired, waited_ms } = run;
  const { agent_version, chosen, forked_from, cost, spent, origin, left_attempt } = run;
  return plain({
    attempt,
    handovers,
    cancel_requested,
    queued_at,
    started_at,
    ended_at,
    waited_ms,
    origin,
    left_attempt,
    usage,
    model,
    tool_calls,
    sources: sources ?? undefined,
    agent_version,
    chosen: chosen ?? undefined,
    forked_from,
    cost,
    spent: spent ?? undefined,
    failure,
    ...(events_expired !== undefined && { events_expired: true }),
  }) as RunRecord;
}

const NO_LINKS = { run: undefined, reply_to: undefined, parent_id: undefined, version_of: undefined };

/** @param whose owner of the chat: a message has the user of its chat. */
export function fromMessageRecord(
  record: QuestionRecord | AnswerRecord,
  whose: Pick<ChatDocument, 'tenant_id' | 'user_id'>,
): MessageDocument {
  const { message_id, created_at, role, ...shared } = record;
  const { run, reply_to, parent_id, version_of, ...fields } = { ...NO_LINKS, ...shared };
  return defined({
    _id: new Types.ObjectId(message_id),
    ...whose,
    role,
    ...fields,
    created_at: new Date(created_at),
    reply_to: reply_to && new Types.ObjectId(reply_to),
    parent_id: parent_id && new Types.ObjectId(parent_id),
    version_of: version_of && new Types.ObjectId(version_of),
    run: run && fromRunRecord(run, role === 'user' ? record.status : 'completed'),
  }) as MessageDocument;
}

/** A run that was being worked on no longer has a holder: its lease expired long ago. */
const NOBODYS = { owner: 'import', expires_at: new Date(0) };

function fromRunRecord(record: RunRecord, status: RunStatus): RunFacet {
  const { events_expired, interrupts_at, queued_at, started_at, ended_at, open = false, ...run } = record;
  return defined({
    ...run,
    open,
    queued_at: new Date(queued_at),
    started_at: dated(started_at),
    ended_at: dated(ended_at),
    interrupts_at: dated(interrupts_at),
    events_expired: events_expired && ('removed' as const),
    lease: open && status !== 'pending' ? NOBODYS : undefined,
  }) as RunFacet;
}

export function toToolCallRecord(call: ToolCallDocument): ToolCallRecord {
  const { call_id, step, position, name, status, started_at } = call;
  return plain({
    message_id: call.message_id.toHexString(),
    call_id,
    parent_call_id: call.parent_call_id ?? undefined,
    attempt: call.attempt ?? undefined,
    step,
    position,
    name,
    arguments: call.arguments,
    result: call.result ?? null,
    status,
    error_code: call.error_code ?? undefined,
    result_summary: call.result_summary ?? undefined,
    approval: call.approval,
    sources: call.sources ?? undefined,
    ms: call.ms ?? null,
    started_at,
    ended_at: call.ended_at ?? null,
    provider: call.provider ?? undefined,
    turn_provider: call.turn_provider ?? undefined,
  }) as ToolCallRecord;
}

export function fromToolCallRecord(record: ToolCallRecord, owner: Owner): ToolCallDocument {
  return defined({
    ...owner,
    ...record,
    message_id: new Types.ObjectId(record.message_id),
    approval: record.approval && {
      ...record.approval,
      expires_at: new Date(record.approval.expires_at),
      ...(record.approval.decided_at !== undefined && { decided_at: new Date(record.approval.decided_at) }),
    },
    started_at: new Date(record.started_at),
    ended_at: dated(record.ended_at) ?? null,
  }) as ToolCallDocument;
}

export function toFileRecord({ path, content, updated_at }: WorkspaceFile): FileRecord {
  return plain({ path, content, updated_at }) as FileRecord;
}

export function fromFileRecord({ path, content, updated_at }: FileRecord, owner: Owner): WorkspaceFile {
  const bytes = Buffer.byteLength(content);
  return { ...owner, path, content, bytes, updated_at: new Date(updated_at) };
}

/** A document has no undefined fields. */
function defined(value: object): unknown {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}
