import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { hkdfSync, randomBytes } from 'node:crypto';
import { Settings } from '../platform/config/index.js';
import { isDuplicateKeyError, retryTransient } from '../platform/mongo/index.js';
import { SERVER_SECRET, type ServerSecretDocument } from './server-secret.schema.js';

const ID = 'server';
const KEY_BYTES = 32;

/** What a key is for; a signature made for one purpose is worth nothing for another. */
export type Purpose = 'ticket' | 'service-token' | 'access-token' | 'login';

/**
 * The keys with which this server signs. All processes share them: from `TICKET_SECRET`, or from a secret that the first
 * one stores in the database.
 */
@Injectable()
export class ServerKeys implements OnModuleInit {
  private stored: Buffer | undefined;

  constructor(
    @InjectModel(SERVER_SECRET) private readonly secrets: Model<ServerSecretDocument>,
    private readonly settings: Settings,
  ) {}

  /** Without authentication and agents nothing is signed, and nothing is stored. */
  async onModuleInit(): Promise<void> {
    const { AUTH_MODE, AI_AGENT_SECRET } = this.settings;
    if (AUTH_MODE === 'none' && AI_AGENT_SECRET === undefined) return;
    this.stored = Buffer.from(await retryTransient(() => this.getOrCreate()), 'base64');
  }

  /** 32 bytes. @param context makes another key for each of its values. */
  derive(purpose: Purpose, context = ''): Buffer {
    // What is stored as a hash outlives a change of TICKET_SECRET: that is how tickets and agents are logged out.
    const isStored = purpose === 'access-token' || purpose === 'login';
    const own = isStored ? undefined : this.settings.TICKET_SECRET;
    const secret = own ?? this.stored;
    if (secret === undefined) throw new Error('The server has no keys: it has not started.');
    return Buffer.from(hkdfSync('sha256', secret, context, `reprise ${purpose}`, KEY_BYTES));
  }

  private async getOrCreate(): Promise<string> {
    const secret = randomBytes(KEY_BYTES).toString('base64');
    const upsert = () =>
      this.secrets
        .findOneAndUpdate(
          { _id: ID },
          { $setOnInsert: { secret, created_at: new Date() } },
          { upsert: true, returnDocument: 'after' },
        )
        .lean();
    try {
      return (await upsert()).secret;
    } catch (error) {
      // Two processes started at once; now there is one.
      if (isDuplicateKeyError(error)) return (await upsert()).secret;
      throw error;
    }
  }
}
