import { Log } from '../../platform/logging/index.js';
import type { PassageRecord } from '../document.schema.js';
import type { ClaimedDocument, EmbeddingQueue } from './embedding-queue.js';
import type { PassageBatches } from './passage-batches.js';
import { quantise } from './quantised.js';
import type { VectorStore } from './vector-store.js';
import { vectorSpace } from './vector.schema.js';

/** What the work on a document needs. */
export interface EmbeddingTools {
  queue: EmbeddingQueue;
  store: VectorStore;
  batches: PassageBatches;
  space: string;
}

type Text = Pick<PassageRecord, '_id' | 'title' | 'heading' | 'text'>;
/** `left`: it is somebody else's, or nobody's. */
type Step = 'done' | 'left';

/**
 * The work on the vectors of one document, batch by batch; each is stored, so that whoever continues need not repeat it.
 * A document that is deleted meanwhile leaves nothing behind.
 */
export class DocumentEmbedding {
  private readonly log = new Log(DocumentEmbedding.name);
  private stored = 0;
  private refused = 0;

  constructor(
    private readonly document: ClaimedDocument,
    private readonly tools: EmbeddingTools,
  ) {}

  /** @throws ModelError if the model cannot be asked; the document is then left to anybody. */
  async run(): Promise<void> {
    const { queue } = this.tools;
    try {
      if ((await this.all()) === 'done') await this.finish();
    } catch (error) {
      await queue.release(this.document).catch(() => undefined); // the claim runs out
      throw error;
    }
  }

  private async all(): Promise<Step> {
    const { store, batches, space } = this.tools;
    const done = await store.passagesWith(this.document._id, space);
    this.stored = done.size;
    let batch: Text[] = [];
    for await (const passage of store.textsOf(this.document._id)) {
      if (done.has(passage._id.toHexString())) continue;
      if (batch.push(passage) < batches.size) continue;
      if ((await this.add(batch)) === 'left') return 'left';
      batch = [];
    }
    return batch.length > 0 ? this.add(batch) : 'done';
  }

  private async add(passages: readonly Text[]): Promise<Step> {
    const { store, batches, queue, space } = this.tools;
    const vectors = await batches.vectors(passages.map(textOf));
    // Another model answers by this name: what it says belongs to another space.
    if (vectors.some((vector) => vector && !space.endsWith(vectorSpace('', vector.length)))) {
      await queue.release(this.document);
      return 'left';
    }
    const found = passages.flatMap(({ _id: passage }, place) => {
      const vector = vectors[place];
      return vector ? [{ passage, document: this.document._id, values: quantise(vector) }] : [];
    });
    await store.put(found, space);
    this.stored += found.length;
    this.refused += passages.length - found.length;
    return (await queue.keep(this.document)) ? 'done' : this.leave();
  }

  private async finish(): Promise<void> {
    const { queue, store, space } = this.tools;
    const { document, refused } = this;
    if (refused > 0)
      this.log.warn('the embedding model refuses passages, which are found by their words alone', {
        document_id: document._id.toHexString(),
        passages: refused,
      });
    if (refused > 0 && this.stored === 0) await queue.postpone(document);
    else if (await queue.finish(document, space)) await store.noteChange(document.tenant_id);
    else await this.leave();
  }

  /** Another process has the document now, or it is gone: then what was just stored goes, too. */
  private async leave(): Promise<'left'> {
    const { queue, store } = this.tools;
    if (!(await queue.exists(this.document))) await store.removeOf(this.document._id);
    return 'left';
  }
}

/** What stands above a passage says what it is about. */
function textOf({ title, heading, text }: Text): string {
  return `${[title, heading].filter(Boolean).join(' › ')}\n\n${text}`;
}
