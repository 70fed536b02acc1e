import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { createHash, randomBytes } from 'node:crypto';
import { Types, type Model } from 'mongoose';
import { cleanText, clip, Clock, redactSecrets, type Scope } from '../common/index.js';
import { Log } from '../platform/logging/index.js';
import { isDuplicateKeyError, retryTransient } from '../platform/mongo/index.js';
import { COUNTED_ACTIONS, type AuditAction, type AuditObject } from './audit-actions.js';
import { AUDIT_ENTRY, type AuditEntryDocument } from './audit-entry.schema.js';
import { withoutPerson } from './without-person.js';

/** Who does something: a scope, or what is known before there is one (a login). */
export type Doer = Pick<Scope, 'tenant' | 'actor'> & { readonly user?: Scope['user'] };

/** What was done. Nothing in it may be a secret or come from a conversation. */
export interface AuditEvent {
  action: AuditAction;
  /** The user whom it concerns: whose token, whose account. Of a failed login only if there is such a user. */
  user?: string | undefined;
  object?: { kind: AuditObject; id: string } | undefined;
  /** Words from closed lists, figures; no names, no addresses of people, nothing that somebody typed. */
  detail?: Readonly<Record<string, string | number | boolean>> | undefined;
}

const TEXT_CHARS = 200;
const MINUTE_MS = 60_000;
/** A request does not wait longer than this for a database that is restarting. */
const PATIENCE_MS = 5000;

/** Writes down who did what, when, and to whom. */
@Injectable()
export class AuditLog {
  private readonly logger = new Log(AuditLog.name);

  constructor(
    @InjectModel(AUDIT_ENTRY) private readonly entries: Model<AuditEntryDocument>,
    private readonly clock: Clock,
  ) {}

  /**
   * Resolves when the entry is durable. Never rejects, since what it tells of has been done: without a database the
   * entry goes to the server's log.
   */
  async record(by: Doer, event: AuditEvent): Promise<void> {
    const entry = this.entryOf(by, event);
    await this.store(entry).catch((error: unknown) => {
      const { users: _, counted_as: __, ...told } = entry;
      this.logger.error('an audit entry could not be stored', { err: error, entry: told });
    });
  }

  /** For what may be done only if it is written down. @throws the database's error. */
  async recordFirst(by: Doer, event: AuditEvent): Promise<void> {
    await this.store(this.entryOf(by, event));
  }

  /**
   * Takes a person out of all entries, and notes that they were erased. What is left says that the same unknown person
   * did and suffered these things. Can be repeated. @throws the database's error.
   */
  async erase(by: Doer, userId: string): Promise<void> {
    const alias = `erased:${randomBytes(9).toString('base64url')}`;
    await this.entries.collection.updateMany(
      { tenant_id: by.tenant, users: userId },
      withoutPerson(userId, alias),
    );
    const isOwn = by.actor?.subject === userId || (by.actor?.subject === undefined && by.user === userId);
    const doer: Doer = isOwn ? { tenant: by.tenant, user: alias, actor: {} } : by;
    await this.recordFirst(doer, { action: 'user_erased', user: alias });
  }

  private async store(entry: AuditEntryDocument): Promise<void> {
    await retryTransient(() => (entry.counted_as === undefined ? this.insert(entry) : this.count(entry)), {
      forMs: PATIENCE_MS,
    });
  }

  private async insert(entry: AuditEntryDocument): Promise<void> {
    try {
      await this.entries.collection.insertOne(entry);
    } catch (error) {
      // An attempt before this one got through, and only its answer was lost.
      if (!isDuplicateKeyError(error)) throw error;
    }
  }

  private async count({ times: _, ...entry }: AuditEntryDocument): Promise<void> {
    const key = { counted_as: entry.counted_as };
    const change = { $inc: { times: 1 }, $setOnInsert: entry };
    try {
      await this.entries.collection.updateOne(key, change, { upsert: true });
    } catch (error) {
      if (!isDuplicateKeyError(error)) throw error;
      await this.entries.collection.updateOne(key, { $inc: { times: 1 } });
    }
  }

  private entryOf(by: Doer, { action, user, object, detail = {} }: AuditEvent): AuditEntryDocument {
    const { tenant, actor = {} } = by;
    const entry = {
      _id: new Types.ObjectId(),
      tenant_id: tenant,
      at: new Date(this.clock.now()),
      action,
      by: {
        user: typeof by.user === 'string' ? by.user : null,
        subject: actor.subject ?? null,
        token_id: actor.token_id ?? null,
        address: actor.address ?? null,
        request_id: actor.request_id ?? null,
      },
      about_user: user ?? null,
      object: object ? { kind: object.kind, id: safe(object.id) } : null,
      detail: Object.fromEntries(
        Object.entries(detail).map(([key, value]) => [key, typeof value === 'string' ? safe(value) : value]),
      ),
      times: 1,
    };
    const users = [entry.by.user, entry.by.subject, entry.about_user].filter((one) => one !== null);
    const counted = COUNTED_ACTIONS.has(action) && { counted_as: countedAs(entry) };
    return { ...entry, users: [...new Set(users)], ...counted };
  }
}

/** Text that something else made may look like anything. */
const safe = (text: string): string => redactSecrets(clip(cleanText(text), TEXT_CHARS));

type Entry = Omit<AuditEntryDocument, 'users' | 'counted_as'>;

/** The same for whatever differs in nothing but the moment within a minute. */
function countedAs({ at, tenant_id, action, by, about_user, object, detail }: Entry): string {
  const { request_id: _, ...actor } = by;
  const minute = Math.floor(at.getTime() / MINUTE_MS);
  const what = [minute, tenant_id, action, actor, about_user, object, detail];
  return createHash('sha256').update(JSON.stringify(what)).digest('base64url');
}
