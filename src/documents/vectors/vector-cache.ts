import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { DocumentVectors } from './document-vectors.js';
import { VectorStore, type EmbeddedDocument } from './vector-store.js';

/** Documents whose vectors are read at once. */
const READ_AT_ONCE = 50;
/** A process may have died between a change and its mark. */
const RELIST_MS = 30_000;

/** The documents of a tenant that can be searched in a space, and the vectors of as many as there is memory for. */
interface TenantVectors {
  space: string;
  changes: number;
  listedAt: number;
  documents: readonly EmbeddedDocument[];
  blocks: Map<string, DocumentVectors>;
}

/**
 * The vectors of documents, in the memory of this process as far as they fit, else from the database. It follows what
 * other processes store and delete by the mark of the tenant, which costs one small read for each search.
 */
@Injectable()
export class VectorCache {
  /** The tenant that was searched last comes last. */
  private readonly tenants = new Map<string, TenantVectors>();
  private readonly listing = new Map<string, Promise<TenantVectors>>();
  private bytes = 0;

  constructor(
    private readonly store: VectorStore,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** Memory that vectors take now. */
  get size(): number {
    return this.bytes;
  }

  /** The vectors of a tenant's documents, or of one tender's. */
  async *of(tenant: string, space: string, tender?: string): AsyncGenerator<DocumentVectors> {
    const known = await this.upToDate(tenant, space);
    const wanted = known.documents.filter(({ tender_id }) => tender === undefined || tender_id === tender);
    const missing: EmbeddedDocument[] = [];
    for (const document of wanted) {
      const block = known.blocks.get(document._id.toHexString());
      if (block) yield block;
      else missing.push(document);
    }
    for (let from = 0; from < missing.length; from += READ_AT_ONCE)
      yield* await this.read(known, tenant, missing.slice(from, from + READ_AT_ONCE));
  }

  private async read(
    known: TenantVectors,
    tenant: string,
    documents: readonly EmbeddedDocument[],
  ): Promise<DocumentVectors[]> {
    const ids = documents.map(({ _id }) => _id);
    const vectors = await this.store.of(ids, known.space);
    return ids.map((id) => {
      const block = new DocumentVectors(vectors.filter(({ document }) => document.equals(id)));
      this.keep(known, tenant, { id: id.toHexString(), block });
      return block;
    });
  }

  private keep(
    known: TenantVectors,
    tenant: string,
    { id, block }: { id: string; block: DocumentVectors },
  ): void {
    if (this.tenants.get(tenant) !== known || known.blocks.has(id)) return;
    const max = this.settings.EMBEDDINGS_CACHE_BYTES;
    for (const other of [...this.tenants.keys()]) {
      if (this.bytes + block.bytes <= max) break;
      if (other !== tenant) this.forget(other);
    }
    if (this.bytes + block.bytes > max) return;
    known.blocks.set(id, block);
    this.bytes += block.bytes;
  }

  private async upToDate(tenant: string, space: string): Promise<TenantVectors> {
    const changes = await this.store.changes(tenant);
    const known = this.tenants.get(tenant);
    const isOld = known && this.clock.now() - known.listedAt > RELIST_MS;
    if (known?.space === space && known.changes === changes && !isOld) {
      this.tenants.delete(tenant);
      this.tenants.set(tenant, known);
      return known;
    }
    const key = JSON.stringify([tenant, space, changes]);
    const listing =
      this.listing.get(key) ?? this.list(tenant, space, changes).finally(() => this.listing.delete(key));
    this.listing.set(key, listing);
    return listing;
  }

  /** @param changes as they were before: what changes meanwhile is seen next time. */
  private async list(tenant: string, space: string, changes: number): Promise<TenantVectors> {
    const documents = await this.store.documentsIn(tenant, space);
    const before = this.tenants.get(tenant);
    const there = new Set(documents.map(({ _id }) => _id.toHexString()));
    const kept = before?.space === space ? [...before.blocks].filter(([id]) => there.has(id)) : [];
    this.forget(tenant);
    const known = { space, changes, listedAt: this.clock.now(), documents, blocks: new Map(kept) };
    for (const block of known.blocks.values()) this.bytes += block.bytes;
    this.tenants.set(tenant, known);
    return known;
  }

  private forget(tenant: string): void {
    for (const block of this.tenants.get(tenant)?.blocks.values() ?? []) this.bytes -= block.bytes;
    this.tenants.delete(tenant);
  }
}
