import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { Types, type Connection, type mongo } from 'mongoose';
import { CHAT } from '../../chats/index.js';
import type { TenantId } from '../../common/index.js';
import { FILE } from '../../files/index.js';
import { MESSAGE } from '../../run-record/index.js';
import { USER } from '../../users/index.js';

/** Something that a path names. */
export interface Named {
  kind: 'user' | 'chat' | 'message' | 'file';
  id: string;
}

const MODELS = { user: USER, chat: CHAT, message: MESSAGE, file: FILE } as const;

/** Finds out to whom something belongs. */
@Injectable()
export class Owners {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  /** The user; nothing if it does not exist in this tenant, or its id cannot be one. */
  async of(tenant: TenantId, named: Named): Promise<string | undefined> {
    const key = keyOf(named);
    if (!key) return undefined;
    const { collection } = this.connection.model(MODELS[named.kind]);
    const found = await collection.findOne({ ...key, tenant_id: tenant }, { projection: { user_id: 1 } });
    const owner: unknown = found?.['user_id'];
    return typeof owner === 'string' ? owner : undefined;
  }
}

function keyOf({ kind, id }: Named): mongo.Filter<mongo.Document> | undefined {
  if (kind === 'user') return { user_id: id };
  if (kind === 'chat') return { _id: id.toLowerCase() as unknown as Types.ObjectId };
  return /^[0-9a-f]{24}$/i.test(id) ? { _id: new Types.ObjectId(id) } : undefined;
}
