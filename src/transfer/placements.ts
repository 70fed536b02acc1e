import { Types } from 'mongoose';
import { ToolCallDocument } from '../agent/index.js';
import { MESSAGE } from '../run-record/index.js';
import { UserIdPipe } from '../platform/http/index.js';
import { WorkspaceFile } from '../tools/index.js';
import { USER, type UserDocument } from '../users/index.js';
import { TransferError } from './errors.js';
import type { Line } from './lines.js';
import {
  fromFileRecord,
  fromMessageRecord,
  fromToolCallRecord,
  fromUserRecord,
  toFileRecord,
  toMessageRecord,
  toToolCallRecord,
  type Owner,
} from './mapping.js';
import { fault } from './parse-line.js';
import type { AnswerRecord, QuestionRecord, ToolCallRecord, UserRecord } from './records.js';
import type { Placement } from './transfer-store.js';

/** The log that a record belongs to. */
export interface Log {
  owner: Owner;
  /** The owner of the chat. */
  userId: string;
  /** Its run was open in the file, and exists here already: it may have continued since. */
  goneOn: boolean;
}

/**
 * A user. Name and email are compared; the time of the last activity is not. @throws TransferError for an invalid id.
 */
export function userPlacement(line: Line, user: UserRecord): Placement {
  try {
    new UserIdPipe().transform(user.user_id);
  } catch {
    throw fault(line, 'user.user_id: not a valid user id');
  }
  const document = fromUserRecord(user);
  const { tenant_id, user_id } = user;
  const essence = ({ name, email }: UserDocument): unknown => [name ?? null, email ?? null];
  return { model: USER, place: { tenant_id, user_id }, document, essence };
}

/** A question or an answer. */
export function messagePlacement(
  record: QuestionRecord | AnswerRecord,
  { owner, userId, goneOn }: Log,
): Placement {
  const document = fromMessageRecord(record, { tenant_id: owner.tenant_id, user_id: userId });
  const { _id, reply_to } = document;
  const place = reply_to ? { $or: [{ _id }, { reply_to }] } : { _id };
  return { model: MESSAGE, place, document, essence: goneOn ? asked : lasting };
}

/** The part of a question that its run does not change. */
function asked({ role, content, created_at }: Parameters<typeof toMessageRecord>[0]): unknown {
  return [role, content, created_at];
}

/** A message without what retention may have changed since. */
function lasting(message: Parameters<typeof toMessageRecord>[0]): unknown {
  const record = toMessageRecord(message);
  if (record.role !== 'user') return record;
  const { events_expired: _, ...run } = record.run;
  return { ...record, run };
}

/** A tool call. */
export function toolCallPlacement(record: ToolCallRecord, { owner, goneOn }: Log): Placement {
  const document = fromToolCallRecord(record, owner);
  const place = { message_id: new Types.ObjectId(record.message_id), call_id: record.call_id };
  const called = ({ call_id, name, arguments: args }: ToolCallDocument): unknown => [call_id, name, args];
  return { model: ToolCallDocument.name, place, document, essence: goneOn ? called : toToolCallRecord };
}

/** A file of a workspace. */
export function filePlacement(record: Parameters<typeof fromFileRecord>[0], owner: Owner): Placement {
  const document = fromFileRecord(record, owner);
  return {
    model: WorkspaceFile.name,
    place: { ...owner, path: record.path },
    document,
    essence: toFileRecord,
  };
}

/** Something else occupies the place. */
export function conflict(what: string, { document }: Placement): TransferError {
  const { _id, call_id, user_id, path: file } = document as Partial<Record<string, unknown>>;
  const name = String(call_id ?? file ?? user_id ?? _id);
  return new TransferError(`A different ${what} "${name}" exists here. Nothing was overwritten.`);
}
