import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { AppError, ownedBy, type Scope } from '../common/index.js';
import { MESSAGE, type MessageDocument } from '../run-record/index.js';
import { LongChat } from './chat-record.js';
import { Path } from './path.js';
import { inOrder, rootOf, type Place } from './versions.js';

/** Where a new question is to stand. */
export interface WantedPlace {
  /** The question, or its answer, that it follows; `null`: it begins the conversation. */
  parent_message_id?: string | null | undefined;
  /** The question in whose place it stands. */
  edit_of?: string | null | undefined;
  metadata?: Record<string, unknown> | undefined;
}

/** What is stored with a question that begins a branch. */
export type Branch = Pick<MessageDocument, 'parent_id' | 'version_of'>;

/** Where a new question stands. */
export interface FoundPlace {
  branch: Branch;
  /** The question in whose place it stands. */
  replaced?: MessageDocument | undefined;
}

/** All questions in one place of a conversation. */
export interface VersionList {
  /** Position of this one, from 0. */
  index: number;
  count: number;
  /** Oldest first. */
  ids: string[];
}

/** How a question is connected with others. */
export interface BranchLinks {
  /**
   * The question that it follows; `null`: none. Missing for a retry from before there were branches: what followed the
   * first version follows all of them.
   */
  parent?: string | null;
  /** Present if there are others in its place. */
  versions?: VersionList | undefined;
}

const OBJECT_ID = /^[0-9a-f]{24}$/;

type ForkRow = Place & Pick<MessageDocument, 'parent_id' | 'version_of'>;

/** The branches of a chat: edits and retries stand beside the question they replace (docs/decisions/026). */
@Injectable()
export class Branches {
  constructor(@InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>) {}

  /**
   * What to store with a new question; nothing if it simply follows the newest one, which costs no query.
   * @throws AppError 404 `message_not_found` for a message that the chat does not have; 400 if both are wanted.
   */
  async of(scope: Scope, chatId: string, wanted: WantedPlace): Promise<FoundPlace> {
    const { parent_message_id: parent, edit_of, metadata } = wanted;
    const edits = typeof edit_of === 'string';
    if (edits && parent !== undefined) throw bothWanted();
    if (edits) return this.replacing(await this.question(scope, chatId, edit_of));
    if (parent === null) return { branch: await this.under(scope, chatId, null) };
    if (parent !== undefined)
      return { branch: await this.under(scope, chatId, await this.question(scope, chatId, parent)) };
    const repeated = metadata?.['retry_of'];
    if (typeof repeated !== 'string' || !OBJECT_ID.test(repeated)) return { branch: {} };
    const question = await this.find(scope, chatId, repeated);
    return question?.role === 'user' ? this.replacing(question) : { branch: {} };
  }

  /** How questions of one chat are connected. @param questions one after the other, as in the list of messages. */
  async links(questions: readonly MessageDocument[]): Promise<Map<string, BranchLinks>> {
    const [first] = questions;
    if (!first) return new Map();
    const { tenant_id, chat_id } = first;
    const chat = { tenant_id, chat_id, role: 'user' as const };
    const [path, forks] = await Promise.all([
      Path.in(new LongChat(this.messages, first)),
      this.messages
        .find({ ...chat, parent_id: { $exists: true } }, { created_at: 1, parent_id: 1, version_of: 1 })
        .lean<ForkRow[]>(),
    ]);
    const groups = versionGroups(path, forks);
    const links = new Map<string, BranchLinks>();
    // From the newest, so that one read serves the rest.
    for (const question of [...questions].reverse()) {
      const id = question._id.toHexString();
      const isRepeat = question.parent_id === undefined && path.versions.firstOf(question) !== question;
      const parent = isRepeat ? undefined : await path.before(question);
      const ids = groups.get(rootIn(path, question)) ?? [];
      const versions = { index: ids.indexOf(id), count: ids.length, ids };
      links.set(id, {
        ...(!isRepeat && { parent: parent?._id.toHexString() ?? null }),
        ...(versions.index >= 0 && { versions }),
      });
    }
    return links;
  }

  private async replacing(replaced: MessageDocument): Promise<FoundPlace> {
    return { branch: await this.beside(replaced), replaced };
  }

  /** In the place of a question: it follows what that one follows. */
  private async beside(question: MessageDocument): Promise<Branch> {
    const { parent_id, version_of } = question;
    if (parent_id !== undefined) return { parent_id, version_of: rootOf(question) };
    const path = await Path.in(new LongChat(this.messages, question));
    const parent = await path.before(question);
    return {
      parent_id: parent?._id ?? null,
      version_of: version_of ?? path.versions.firstOf(question)._id,
    };
  }

  /** After a question, beside whatever follows it already. */
  private async under(scope: Scope, chatId: string, parent: MessageDocument | null): Promise<Branch> {
    const parent_id = parent?._id ?? null;
    const child = await this.childOf(scope, chatId, parent);
    return { parent_id, ...(child && { version_of: rootOf(child) }) };
  }

  /** The first question that follows another one. */
  private async childOf(
    scope: Scope,
    chat_id: string,
    parent: MessageDocument | null,
  ): Promise<MessageDocument | undefined> {
    const asked = { ...ownedBy(scope), chat_id, role: 'user' as const };
    const later = parent ? { created_at: { $gt: parent.created_at } } : {};
    const [next, fork] = await Promise.all([
      this.messages
        .findOne({ ...asked, ...later })
        .sort({ created_at: 1, _id: 1 })
        .lean<MessageDocument>(),
      this.messages
        .findOne({ ...asked, $and: [{ parent_id: { $exists: true } }, { parent_id: parent?._id ?? null }] })
        .sort({ created_at: 1, _id: 1 })
        .lean<MessageDocument>(),
    ]);
    const isPlain = next?.parent_id === undefined;
    return next && isPlain ? next : (fork ?? undefined);
  }

  /** @throws AppError 404 `message_not_found`. */
  private async question(scope: Scope, chatId: string, id: string): Promise<MessageDocument> {
    const found = await this.find(scope, chatId, id);
    const question = found?.reply_to ? await this.find(scope, chatId, found.reply_to.toHexString()) : found;
    if (question?.role !== 'user') throw new AppError('message_not_found', { id });
    return question;
  }

  private async find(scope: Scope, chat_id: string, id: string): Promise<MessageDocument | null> {
    const filter = { _id: new Types.ObjectId(id), ...ownedBy(scope), chat_id };
    return this.messages.findOne(filter).lean<MessageDocument>();
  }
}

/** The id of the first question in the place of a question. */
function rootIn(path: Path, question: ForkRow): string {
  const first = question.parent_id === undefined ? path.versions.firstOf(question)._id : rootOf(question);
  return first.toHexString();
}

/** Places with more than one question: id of the first → ids of all, oldest first. */
function versionGroups(path: Path, forks: readonly ForkRow[]): Map<string, string[]> {
  const repeats = path.versions.repeats;
  const others = [...repeats, ...forks.filter(({ version_of }) => version_of !== undefined)].sort(inOrder);
  const groups = new Map<string, string[]>();
  for (const other of others) {
    const root = rootIn(path, other);
    groups.set(root, [...(groups.get(root) ?? [root]), other._id.toHexString()]);
  }
  return groups;
}

function bothWanted(): AppError {
  const message = 'cannot be combined with edit_of: an edit follows what the edited message follows';
  return new AppError('validation_failed', { count: 1, errors: [{ field: 'parent_message_id', message }] });
}
