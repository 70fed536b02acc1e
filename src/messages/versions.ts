import type { Types } from 'mongoose';
import type { MessageDocument } from '../run-record/index.js';

/** The position of a question in its chat. */
export interface Place {
  _id: Types.ObjectId;
  created_at: Date;
}

/** A question that says which one it asks again. */
export interface Retry extends Place {
  /** Supplied by the client: any text. */
  retry_of: string;
}

/**
 * Which questions of a chat are versions of one question, where only their metadata says so: in chats from before there
 * were branches, and in imported ones. A retry takes the place of the question it asks again, also through other
 * retries. One that names no earlier question of its chat stands for itself.
 */
export class Versions {
  private readonly firsts = new Map<string, Place>();
  private readonly repeatsOf = new Map<string, Place[]>();

  /**
   * @param retries of the chat, in any order.
   * @param asked the questions they name, as far as the chat has them.
   */
  constructor(retries: readonly Retry[], asked: readonly Place[]) {
    const places = new Map([...asked, ...retries].map((place) => [idOf(place), place]));
    for (const retry of [...retries].sort(inOrder)) {
      const target = places.get(retry.retry_of);
      // An import may contain any metadata: only earlier questions count, so no chain can be circular.
      if (target && inOrder(target, retry) < 0) this.add(this.firstOf(target), retry);
    }
  }

  /** Retries that take the place of another question. */
  get repeats(): Place[] {
    return [...this.repeatsOf.values()].flat();
  }

  /** Their ids. */
  get repeated(): Types.ObjectId[] {
    return this.repeats.map(({ _id }) => _id);
  }

  /** The question whose place a question takes: its own, or that of the one it asks again. */
  firstOf(question: Place): Place {
    return this.firsts.get(idOf(question)) ?? question;
  }

  /** The retries of a first question that were asked before another message, oldest first. */
  repeatsBefore(first: Place, message: Place): Types.ObjectId[] {
    const repeats = this.repeatsOf.get(idOf(first)) ?? [];
    return repeats.filter((repeat) => inOrder(repeat, message) < 0).map(({ _id }) => _id);
  }

  private add(first: Place, retry: Retry): void {
    this.firsts.set(idOf(retry), first);
    this.repeatsOf.set(idOf(first), [...(this.repeatsOf.get(idOf(first)) ?? []), retry]);
  }
}

/** The order of a chat's messages. */
export function inOrder(a: Place, b: Place): number {
  return a.created_at.getTime() - b.created_at.getTime() || (idOf(a) < idOf(b) ? -1 : 1);
}

/** The first question in the place of a question that knows its branch: its own id, or that of the one it replaces. */
export function rootOf({ _id, version_of }: Pick<MessageDocument, '_id' | 'version_of'>): Types.ObjectId {
  return version_of ?? _id;
}

/** Whether only its metadata can say that a question asks another one again. */
export function isLegacyRetry({ parent_id }: Pick<MessageDocument, 'parent_id'>): boolean {
  return parent_id === undefined;
}

function idOf({ _id }: Place): string {
  return _id.toHexString();
}
