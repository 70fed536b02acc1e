import { Injectable } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { AppError, Clock, type Scope } from '../../common/index.js';
import { MessagesRepository } from '../../messages/index.js';
import type { MessageDocument } from '../../run-record/index.js';

/** A client gives up after 10 minutes by default, and then repeats its request. */
const WINDOW_MS = 900_000;
/** As long as a message is found by its key. */
const ALWAYS = new Date(0);

/** What tells whether a request was there before. */
export interface RequestMark {
  /** The key under which its message is stored; missing: its client repeats nothing. */
  key: string | undefined;
  /** How the keys of its earlier attempts begin. */
  earlier: { prefix: string; since: Date } | undefined;
  /** The client named the request: its chat, if it needs a new one, is this one. */
  chatKey: string | undefined;
}

/**
 * Requests that clients repeat. OpenAI's client repeats a request whose connection broke, and sends no key with it, but
 * says that it does: then an identical request of the same person in the last minutes is the same one
 * (docs/decisions/046).
 */
@Injectable()
export class Repeats {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly clock: Clock,
  ) {}

  /** @param idempotencyKey the client's own, which names the request for good. */
  markOf(person: string, { headers, path, body }: Request, idempotencyKey: string | undefined): RequestMark {
    const print = hashOf([person, path, body as unknown]);
    if (idempotencyKey !== undefined) {
      const prefix = `openai:${hashOf([person, idempotencyKey])}:`;
      return { key: prefix + print, earlier: { prefix, since: ALWAYS }, chatKey: prefix };
    }
    const attempt = headers['x-stainless-retry-count'];
    if (attempt === undefined) return { key: undefined, earlier: undefined, chatKey: undefined };
    const prefix = `openai:${print}:`;
    const isRepeated = Number(attempt) > 0;
    const since = new Date(this.clock.now() - WINDOW_MS);
    return {
      key: prefix + randomBytes(6).toString('hex'),
      earlier: isRepeated ? { prefix, since } : undefined,
      chatKey: undefined,
    };
  }

  /**
   * The message of an earlier attempt.
   * @throws AppError 422 `idempotency_key_reused` if the client's key named another request.
   */
  async find(scope: Scope, person: string, mark: RequestMark): Promise<MessageDocument | undefined> {
    if (!mark.earlier) return undefined;
    const found = await this.messages.newestByKey(scope, person, mark.earlier);
    if (!found) return undefined;
    if (mark.chatKey !== undefined && found.idempotency?.key !== mark.key)
      throw new AppError('idempotency_key_reused');
    return found;
  }
}

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 32);
