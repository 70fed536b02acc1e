import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { LRUCache } from 'lru-cache';
import type { Model } from 'mongoose';
import { Clock } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { CHAT, type ChatDocument } from './chat.schema.js';

/** Identifies a user. */
type UserKey = Pick<ChatDocument, 'tenant_id' | 'user_id'>;

const USERS_REMEMBERED = 10_000;

/**
 * The order of a user's chats: the one with the latest activity comes first, even if a clock is set back or two
 * differ.
 */
@Injectable()
export class ChatOrder {
  /** The latest activity by user. Only the one process of a deployment without Redis can know it without asking. */
  private readonly latest: LRUCache<string, number> | undefined;

  constructor(
    @InjectModel(CHAT) private readonly chats: Model<ChatDocument>,
    private readonly clock: Clock,
    settings: Settings,
  ) {
    if (settings.REDIS_URL === undefined) this.latest = new LRUCache({ max: USERS_REMEMBERED });
  }

  /** A time for an activity of a user: now, or 1 ms after the user's latest activity. */
  async nextTime(user: UserKey): Promise<Date> {
    const time = Math.max(this.clock.now(), (await this.latestOf(user)) + 1);
    this.latest?.set(keyOf(user), time);
    return new Date(time);
  }

  /** Puts a chat that has just got a new `updated_at` before the user's other chats. */
  async raise(chat: ChatDocument): Promise<void> {
    const known = this.latest?.get(keyOf(chat));
    const latest = known ?? (await this.latestOf(chat, chat._id));
    const time = Math.max(chat.updated_at.getTime(), latest + 1);
    this.latest?.set(keyOf(chat), time);
    if (time === chat.updated_at.getTime()) return;
    const { _id, tenant_id } = chat;
    await this.chats.updateOne({ _id, tenant_id }, { $max: { updated_at: new Date(time) } });
  }

  private async latestOf(user: UserKey, except?: string): Promise<number> {
    const known = except === undefined ? this.latest?.get(keyOf(user)) : undefined;
    if (known !== undefined) return known;
    const { tenant_id, user_id } = user;
    const others = { tenant_id, user_id, ...(except !== undefined && { _id: { $ne: except } }) };
    const latest = await this.chats
      .findOne(others, { updated_at: 1, _id: 0 })
      .sort({ updated_at: -1 })
      .lean<Pick<ChatDocument, 'updated_at'>>();
    return latest?.updated_at.getTime() ?? 0;
  }
}

const keyOf = ({ tenant_id, user_id }: UserKey): string => JSON.stringify([tenant_id, user_id]);
