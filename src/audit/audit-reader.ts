import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import { pageSkip, toPage, type Page, type PageQuery, type TenantId } from '../common/index.js';
import type { AuditAction } from './audit-actions.js';
import { AUDIT_ENTRY, type AuditEntryDocument } from './audit-entry.schema.js';

/** Which entries. */
export interface AuditFilter {
  action?: AuditAction | undefined;
  /** Who did it, or whom it concerns. */
  user?: string | undefined;
  /** At the earliest. */
  since?: Date | undefined;
  /** Before. */
  until?: Date | undefined;
}

/** Reads the audit log of a tenant. */
@Injectable()
export class AuditReader {
  constructor(@InjectModel(AUDIT_ENTRY) private readonly entries: Model<AuditEntryDocument>) {}

  /** Newest first. */
  async page(tenant: TenantId, filter: AuditFilter, query: PageQuery): Promise<Page<AuditEntryDocument>> {
    const where = toQuery(tenant, filter);
    const [items, total] = await Promise.all([
      this.entries
        .find(where)
        .sort({ at: -1, _id: -1 })
        .skip(pageSkip(query))
        .limit(query.page_size)
        .lean<AuditEntryDocument[]>(),
      this.entries.countDocuments(where),
    ]);
    return toPage(items, total, query);
  }

  /** Everything about one person, oldest first, as it is read. */
  ofUser(tenant: TenantId, userId: string): AsyncIterable<AuditEntryDocument> {
    return this.entries.collection
      .find<AuditEntryDocument>({ tenant_id: tenant, users: userId })
      .sort({ at: 1, _id: 1 })
      .batchSize(100);
  }
}

function toQuery(
  tenant: TenantId,
  { action, user, since, until }: AuditFilter,
): QueryFilter<AuditEntryDocument> {
  const at = { ...(since && { $gte: since }), ...(until && { $lt: until }) };
  return {
    tenant_id: tenant,
    ...(action !== undefined && { action }),
    ...(user !== undefined && { users: user }),
    ...((since ?? until) && { at }),
  };
}
